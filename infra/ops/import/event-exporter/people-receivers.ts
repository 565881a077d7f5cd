import { isMapping, scalarText, type Mapping } from '../documents.ts';
import { translateText } from '../go-template.ts';
import { FILL_IN, FILL_IN_LABEL } from '../report.ts';
import { isRetiredTeams } from '../robots.ts';
import { textIn } from './options.ts';
import type { Block, ReceiverMapping } from './receiver.ts';

const NO_URL = `https://${FILL_IN}/`;

/** A bot of Slack. The exporter's message is a layout of its own. */
export const slack: ReceiverMapping = {
  options: {
    token: true,
    channel: true,
    message: true,
    fields: 'mapping',
    title: true,
    color: true,
    footer: true,
    author_name: true,
  },
  map(source) {
    tellOwnLayout(source, ['message', 'fields', 'title', 'color', 'footer', 'author_name']);
    return {
      type: 'slack',
      document: channelOf(source),
      secrets: { botToken: textIn(source, 'token') || `xoxb-${FILL_IN}` },
    };
  },
};

/** The channel, or what chooses it, which here needs one to fall back on. */
function channelOf(source: Block): Mapping {
  const { place, report } = source;
  const { text, losses } = translateText(textIn(source, 'channel') || FILL_IN_LABEL);
  for (const { message } of losses) report.add('not carried', `${place}.channel`, message);
  if (!text.includes('${')) return { channel: text };
  report.add(
    'fill in',
    `${place}.channel`,
    'is a template: put a channel into fallbackChannel, where messages go for which it gives none that Slack takes',
  );
  return { channel: text, fallbackChannel: FILL_IN_LABEL };
}

/** A webhook of Teams. Microsoft has retired the addresses that the exporter was made for. */
export const teams: ReceiverMapping = {
  options: { endpoint: true, headers: 'mapping', layout: true },
  map(source) {
    const { block, place, report } = source;
    tellOwnLayout(source, ['layout']);
    if (isMapping(block['headers']) && Object.keys(block['headers']).length > 0)
      report.add('not carried', `${place}.headers`, 'the sink teams sends none of its own');
    const url = textIn(source, 'endpoint') || NO_URL;
    const isRetired = isRetiredTeams(url);
    if (isRetired)
      report.add(
        'fill in',
        `${place}.endpoint`,
        'Microsoft has retired connectors: make a workflow in the channel ("Send webhook alerts to a channel") and put its URL into webhookUrl under secrets/',
      );
    return { type: 'teams', document: {}, secrets: { webhookUrl: isRetired ? NO_URL : url } };
  },
};

/** An API integration of Opsgenie. The alias, which decides what is one alert, is ours. */
export const opsgenie: ReceiverMapping = {
  options: {
    apiKey: true,
    priority: true,
    message: true,
    alias: true,
    description: true,
    details: 'mapping',
    tags: true,
  },
  map(source) {
    const { block, place, report } = source;
    tellOwnLayout(source, ['message', 'alias', 'description', 'details']);
    if (block['priority'] !== undefined)
      report.add('changed', `${place}.priority`, 'is that of the event here: critical is P1, warning P3, info P5');
    report.add(
      'note',
      place,
      'Opsgenie ends on 5 April 2027: for Jira Service Management take endpoint out and put the key of its integration into apiKey',
    );
    const tags = tagsOf(source);
    return {
      type: 'opsgenie',
      document: {
        endpoint: 'https://api.opsgenie.com',
        ...(tags.length > 0 && { tags }),
        // Without one, a pager gets only what is critical.
        filter: {},
      },
      secrets: { apiKey: textIn(source, 'apiKey') || FILL_IN },
    };
  },
};

function tagsOf({ block, place, report }: Block): readonly string[] {
  const tags = (Array.isArray(block['tags']) ? block['tags'] : []).map((tag) => scalarText(tag) ?? '');
  const plain = tags.filter((tag) => tag !== '' && !tag.includes('{{'));
  if (plain.length < tags.length)
    report.add('not carried', `${place}.tags`, 'a template in a tag is not filled in here');
  return plain;
}

/** The layout of messages for people is not carried: the sink has its own. */
function tellOwnLayout({ block, place, report }: Block, names: readonly string[]): void {
  const given = names.filter((name) => block[name] !== undefined && block[name] !== null && block[name] !== '');
  if (given.length > 0)
    report.add(
      'changed',
      place,
      `messages are kube-courier's own, with digests, hints and commands: ${given.join(', ')} ${given.length > 1 ? 'are' : 'is'} not carried (see MESSAGES.md of the sink)`,
    );
}
