import { delivered } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { toJson } from '../../core/kit/json.ts';
import { takesTime, outcomeOf } from '../datadog/account.ts';
import { config } from './config.ts';
import { datadogEvent } from './event.ts';

const UNDATED = {
  ...delivered,
  warning:
    'outside the last 18 hours, of which Datadog takes events: it has the time of its arrival there, and its own in the text',
};

/** One request for each event. Datadog does not recognise a repeat: the last line of the text tells it. */
export const sink = defineSink({
  config,
  render(events, options) {
    return events.map((event) => ({
      events: [event],
      payload: { event: datadogEvent(event, options), happened: Date.parse(event.lastSeen) },
    }));
  },
  async send({ payload: { event, happened } }, _client, { http, now, options: { site, endpoint }, secrets }) {
    const isDated = takesTime(happened, now());
    const reply = await http({
      method: 'POST',
      url: `${endpoint?.replace(/\/+$/, '') ?? `https://api.${site}`}/api/v1/events`,
      headers: { 'Content-Type': 'application/json', 'DD-API-KEY': secrets.apiKey.reveal() },
      body: toJson({ ...event, ...(isDated && { date_happened: Math.floor(happened / 1000) }) }),
    });
    const outcome = outcomeOf(reply, now());
    return outcome.status === 'delivered' && !isDated ? UNDATED : outcome;
  },
});
