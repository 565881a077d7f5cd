import { retry, type Outcome, type Retry } from '../../core/contract/outcome.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { defineSink, type SinkContext } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { channelRefusal, outcomeOf } from './errors.ts';
import { channelOf, slackMessage, type SlackMessage, type SlackOptions } from './message.ts';

interface Options extends SlackOptions {
  readonly endpoint: string;
}

interface Secrets {
  readonly webhookUrl?: Secret | undefined;
  readonly botToken?: Secret | undefined;
}

/** A second a channel; what it permits beyond that, in bursts, is not said. */
const MESSAGES_PER_MINUTE = 60;

/**
 * Messages of an incoming webhook, one per batch; or of a bot, one per channel. A channel that a template chose and that Slack
 * refuses costs a second call, which sends the message to the fallback channel: nothing was sent then.
 */
export const sink = defineSink({
  config,
  pace({ channel = '' }, { webhookUrl, botToken }) {
    // The channels of a template are not known here: together they keep the rate of one.
    const sender = channel === '' ? webhookUrl : botToken;
    const limited = `${sender?.reveal() ?? ''} ${channel.includes('${') ? '' : channel}`;
    const hash = fingerprint(limited);
    return { key: `slack:${hash}`, perMinute: MESSAGES_PER_MINUTE };
  },
  render(events, options) {
    return [...Map.groupBy(events, (event) => channelOf(event, options))].map(([channel, group]) => {
      const message: SlackMessage = slackMessage(group, options);
      return { events: group, payload: channel === undefined ? message : { channel, ...message } };
    });
  },
  async send({ payload }, _client, ctx) {
    const outcome = await post(payload, ctx);
    const { fallbackChannel } = ctx.options;
    const refusal = channelRefusal(outcome);
    if (refusal === undefined || fallbackChannel === undefined || payload.channel === fallbackChannel) return outcome;
    const fallback = await post({ ...payload, channel: fallbackChannel }, ctx);
    if (fallback.status !== 'delivered') return fallback;
    return {
      ...fallback,
      warning: `sent to the fallback channel, because ${payload.channel} was refused (${refusal})`,
    };
  },
});

async function post(message: SlackMessage, ctx: SinkContext<Options, Secrets>): Promise<Outcome> {
  const target = message.channel === undefined ? webhook(ctx) : bot(ctx);
  if ('status' in target) return target;
  const reply = await ctx.http({
    method: 'POST',
    url: target.url,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...target.headers },
    body: toJson(message),
  });
  return outcomeOf(reply, ctx.now());
}

interface Target {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function webhook({ secrets }: { readonly secrets: Secrets }): Target | Retry {
  const url = secrets.webhookUrl?.reveal();
  return url === undefined
    ? retry('secret_missing', 'webhookUrl is missing; for a bot, the option channel is')
    : { url };
}

function bot({ options, secrets }: { readonly options: Options; readonly secrets: Secrets }): Target | Retry {
  const token = secrets.botToken?.reveal();
  return token === undefined
    ? retry('secret_missing', 'botToken is missing: the option channel needs it')
    : {
        url: `${options.endpoint.replace(/\/+$/, '')}/chat.postMessage`,
        headers: { Authorization: `Bearer ${token}` },
      };
}
