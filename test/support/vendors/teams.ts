import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

/** A flow as somebody has set it up. */
export interface TeamsFlow {
  readonly shape: 'message' | 'card';
  /** Ids of members that may be mentioned. Any other is one that nobody asked for. */
  readonly mentionable: readonly string[];
  /** `schema`: its trigger has a schema that nothing here matches. */
  readonly state?: 'on' | 'off' | 'deleted' | 'schema' | 'not anyone';
  readonly now?: () => number;
}

export interface TeamsFake {
  readonly webhookUrl: string;
  /** The cards that were posted. */
  readonly cards: readonly Readonly<Record<string, unknown>>[];
  /** What was accepted and then lost: the run of the flow failed. */
  readonly failedRuns: readonly string[];
  /** Whatever was answered but a success. */
  readonly refusals: readonly string[];
  requests(): number;
  /** The next request is answered so. */
  failNext(answer: Answer): void;
  stop(): Promise<void>;
}

const PATH = '/powerautomate/automations/direct/workflows/0a1b2c3d/triggers/manual/paths/invoke';
const QUERY = '?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=signature-of-the-test';
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';
/** Of a card as it is stored, a text inside of JSON. */
const MAX_STORED_BYTES = 24_000;
/** What the connectors took before workflows, of which no rate is known. */
const RATES = [
  { count: 4, ms: 1000 },
  { count: 60, ms: 30_000 },
] as const;

/**
 * A strict stand-in for the HTTP trigger of a Workflows flow, on a loopback port. As the real one it accepts what it can parse, and
 * fails later, unseen: for a body of another shape, a card that is too large or of elements that Teams does not show, a mention without
 * its entity.
 */
export async function startTeams(flow: TeamsFlow): Promise<TeamsFake> {
  const cards: Readonly<Record<string, unknown>>[] = [];
  const failedRuns: string[] = [];
  const refusals: string[] = [];
  const planned: Answer[] = [];
  const taken: number[] = [];
  const now = flow.now ?? Date.now;

  function answer(request: ReceivedRequest): Answer {
    const next = planned.shift();
    if (next) return next;
    const url = new URL(request.path, 'http://teams');
    if (url.pathname !== PATH) return refusal(404, 'WorkflowNotFound', 'The workflow could not be found.');
    if (request.method !== 'POST') return refusal(405, 'MethodNotAllowed', 'The method is not allowed.');
    if (url.search !== QUERY || flow.state === 'not anyone')
      return refusal(401, 'DirectApiAuthorizationRequired', 'The request must be authenticated.');
    if (flow.state === 'off' || flow.state === 'deleted')
      return refusal(400, 'WorkflowTriggerIsNotEnabled', `Could not execute a trigger with state '${flow.state}'.`);
    if (RATES.some(({ count, ms }) => taken.filter((at) => at > now() - ms).length >= count))
      return { status: 429, body: '' };
    const body = parse(request);
    if (!body) return refusal(400, 'InvalidRequestContent', 'The request content is not valid.');
    if (flow.state === 'schema')
      return refusal(400, 'TriggerInputSchemaMismatch', 'The input body did not match its schema definition.');
    taken.push(now());
    run(body);
    return { status: 202 };
  }

  function run(body: Readonly<Record<string, unknown>>): void {
    const card = flow.shape === 'card' ? body : cardOf(body);
    const problem = card ? problemOf(card, flow.mentionable) : 'ExpressionEvaluationFailed';
    if (card && problem === undefined) cards.push(card);
    else failedRuns.push(problem ?? '');
  }

  const server = await startHttpServer((request) => {
    const reply = answer(request);
    if (reply.status !== 202) refusals.push(`${reply.status} ${String(reply.body)}`);
    return reply;
  });
  return {
    webhookUrl: `${server.url}${PATH}${QUERY}`,
    cards,
    failedRuns,
    refusals,
    requests: () => server.requests.length,
    failNext: (reply) => void planned.push(reply),
    stop: () => server.stop(),
  };
}

function refusal(status: number, code: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: { code, message } }),
  };
}

/** Strict UTF-8 and JSON, an object, said to be both: emoji need it. */
function parse({ headers, bytes }: ReceivedRequest): Readonly<Record<string, unknown>> | undefined {
  if (!/^application\/json; *charset=utf-8$/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) && JSON.stringify(value).isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Microsoft's templates loop over the attachments; each card would be a post of its own. */
function cardOf({
  type,
  attachments,
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const [attachment, ...others] = listOf(attachments).map(recordOf);
  const isCard = attachment?.['contentType'] === CARD_TYPE && isRecord(attachment['content']);
  return type === 'message' && isCard && others.length === 0 ? recordOf(attachment['content']) : undefined;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  AdaptiveCard: ['$schema', 'version', 'fallbackText', 'body', 'msteams'],
  TextBlock: ['text', 'wrap', 'size', 'weight', 'isSubtle', 'fontType', 'spacing'],
  Container: ['style', 'bleed', 'separator', 'items'],
  FactSet: ['facts'],
  ActionSet: ['actions'],
  'Action.OpenUrl': ['title', 'url'],
};

/** Why the flow's step would fail, or show something that nobody asked for. */
function problemOf(card: Readonly<Record<string, unknown>>, mentionable: readonly string[]): string | undefined {
  if (Buffer.byteLength(JSON.stringify(JSON.stringify(card))) > MAX_STORED_BYTES) return 'RequestEntityTooLarge';
  if (card['type'] !== 'AdaptiveCard' || !/^1\.[0-5]$/.test(textOf(card['version']))) return 'not a card';
  if (textOf(card['fallbackText']) === '') return 'no text for notifications';
  const entities = listOf(recordOf(card['msteams'])['entities']).map(recordOf);
  if (entities.some(({ mentioned }) => !mentionable.includes(textOf(recordOf(mentioned)['id'])))) return 'a mention';
  const announced = entities.map(({ text }) => textOf(text));
  const texts = textsIn(card['body']);
  const mentioned = texts.flatMap((text) => text.match(/<at>.*?<\/at>/gi) ?? []);
  if (mentioned.toSorted().join() !== announced.toSorted().join()) return 'mentions and entities differ';
  if (texts.some((text) => /\{\{(DATE|TIME)\(/.test(text))) return 'a macro';
  return unknownElement(card);
}

function unknownElement(element: Readonly<Record<string, unknown>>): string | undefined {
  const type = textOf(element['type']);
  const known = FIELDS[type];
  const field = Object.keys(element).find((name) => name !== 'type' && !known?.includes(name));
  if (!known || field !== undefined) return `unknown ${type} ${field ?? ''}`;
  if (type === 'TextBlock' && (textOf(element['text']) === '' || element['wrap'] !== true)) return 'an empty text';
  if (type === 'Action.OpenUrl' && !/^https?:\/\//.test(textOf(element['url']))) return 'an action without a URL';
  const facts = listOf(element['facts']).map(recordOf);
  if (facts.some(({ title, value }) => textOf(title) === '' || textOf(value) === '')) return 'an empty fact';
  if (listOf(element['actions']).length > 6) return 'too many actions';
  const inside = ['body', 'items', 'actions'].flatMap((name) => listOf(element[name])).map(recordOf);
  return inside.map(unknownElement).find((problem) => problem !== undefined);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
