import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { outcomeOf } from './errors.ts';
import { teamsMessage } from './message.ts';

/** Nothing is said of workflows; the connectors before them took 60 in 30 seconds and 100 in an hour. */
const MESSAGES_PER_MINUTE = 30;

/** Cards for a flow of Teams, one per batch. That it has accepted one does not say that it has posted it. */
export const sink = defineSink({
  config,
  pace(_options, { webhookUrl }) {
    const flow = fingerprint(webhookUrl.reveal());
    return { key: `teams:${flow}`, perMinute: MESSAGES_PER_MINUTE };
  },
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: teamsMessage(events, options) }];
  },
  async send({ payload }, _client, { http, now, secrets }) {
    const reply = await http({
      method: 'POST',
      url: secrets.webhookUrl.reveal(),
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: toJson(payload),
    });
    return outcomeOf(reply, now());
  },
});
