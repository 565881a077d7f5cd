import { asWritten, expandGo, type Environment } from '../environment.ts';
import { FILL_IN, PLACEHOLDER_TEXT, type Report } from '../report.ts';

/** A `--sink` value, taken apart as its user meant it. */
export interface SinkUri {
  /** kube-eventer's name of the sink, before the first colon. */
  readonly key: string;
  /** Scheme, host and path: everything before the first question mark. */
  readonly base: string;
  /** Everything after it, as written. */
  readonly query: string;
  readonly pairs: readonly Pair[];
}

interface Pair {
  readonly name: string;
  readonly value: string;
  /** The pair as written. */
  readonly source: string;
  /** Where it is, for the report. */
  readonly place: string;
}

/** The options of a sink, which remember what was asked for: what is left over is reported, not dropped. */
export interface Options {
  /** The first value, which is the only one kube-eventer reads for most options. */
  one(name: string): string | undefined;
  all(name: string): readonly string[];
  /** The pairs that nobody asked for. */
  rest(): readonly Pair[];
}

/** What is known of a kind of sink: its options, or that no options follow its key but one address of another kind. */
interface UriRules {
  readonly options: readonly string[];
  readonly isRaw?: true;
}

/** Reads a `--sink` value and reports where kube-eventer itself lost or changed a part of it. */
export function parseSinkUri(
  source: string,
  {
    environment,
    rulesOf,
    report,
  }: {
    readonly environment: Environment;
    readonly rulesOf: (key: string) => UriRules | undefined;
    readonly report: Report;
  },
): SinkUri {
  const whole = unquoted(source);
  const colon = whole.indexOf(':');
  const key = colon < 0 ? whole : whole.slice(0, colon);
  const place = sinkPlace(key);
  const { options, isRaw = false } = rulesOf(key) ?? { options: [] };
  const written = expandGo(colon < 0 ? '' : whole.slice(colon + 1), environment);
  const uri = unquoted(written);
  if (whole !== source || uri !== written) report.add('changed', place, QUOTES);
  if (uri.includes('#')) {
    report.add('changed', place, 'kube-eventer stops reading at the first #; here the rest belongs to the value');
  }
  if (isRaw) {
    const [base, query] = splitAt(uri, uri.indexOf('?'));
    return { key, base, query, pairs: [] };
  }
  const [base, query] = splitQuery(uri, options, place, report);
  const pairs = query
    .split('&')
    .flatMap((pair) => splitPair(pair, options, place, report))
    .filter((pair) => pair !== '')
    .map((pair) => parsePair(pair, options, place, report));
  return { key, base, query, pairs };
}

const QUOTES = 'stands in quotes that kube-eventer takes for a part of it; here they are left out';

/** A text without the quotes around it, which a manifest keeps where a shell would have taken them away. */
function unquoted(text: string): string {
  return /^(["'])([\s\S]*)\1$/.exec(text)?.[2] ?? text;
}

/** Where a sink is, for the report. Without its colon, what should be its type is all of it, with whatever secret it holds. */
export function sinkPlace(key: string): string {
  return `--sink=${/^[\w-]{1,40}$/.test(asWritten(key)) ? asWritten(key) : '...'}`;
}

/** Where the options begin: at the first ?, or at an & before it that a known option follows. */
function splitQuery(
  uri: string,
  options: readonly string[],
  place: string,
  report: Report,
): readonly [base: string, query: string] {
  const mark = uri.indexOf('?');
  const option = uri.search(optionAfter('&', options));
  const ampersand = option < 0 && mark < 0 ? uri.indexOf('&') : option;
  if (ampersand < 0 || (mark >= 0 && mark < ampersand)) return splitAt(uri, mark);
  report.add(
    'changed',
    place,
    'the options begin with & instead of ?, so kube-eventer read none of them; here they count',
  );
  return splitAt(uri, ampersand);
}

/** What stands before and behind a character; the whole and nothing where it is not there. */
function splitAt(text: string, index: number): readonly [string, string] {
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

/** An option may begin with a second ?, which belongs to a value there. */
function splitPair(pair: string, options: readonly string[], place: string, report: Report): readonly string[] {
  const [first = '', ...others] = pair.split(optionAfter('\\?', options));
  for (const other of others) {
    report.add(
      'changed',
      `${place} ${shownName(other)}`,
      `begins with a second ?, so that kube-eventer takes it for a part of ${shownName(first)}; here it counts`,
    );
  }
  return [first, ...others];
}

/** A mark with a known option behind it. */
function optionAfter(mark: string, options: readonly string[]): RegExp {
  return new RegExp(`${mark}(?=(?:${['(?!)', ...options].join('|')})=)`);
}

/** The name before a =. What has none may be a secret itself. */
function shownName(pair: string): string {
  return /^([\w.-]{1,40})=/.exec(pair)?.[1] ?? '...';
}

function parsePair(source: string, options: readonly string[], sink: string, report: Report): Pair {
  const [name, raw] = splitAt(source, source.indexOf('='));
  const place = `${sink} ${shownName(source)}`;
  if (source.includes(';')) {
    report.add('changed', place, 'kube-eventer drops an option that contains ;, here it counts');
  }
  if (raw.includes('+')) {
    report.add('note', place, 'a + was read as a space, as kube-eventer does; a real plus is written %2B');
  }
  const written = decode(raw, place, report);
  const value = options.includes(name) ? unquoted(written) : written;
  if (value !== written) report.add('changed', place, QUOTES);
  return { name, value, source, place };
}

function decode(raw: string, place: string, report: Report): string {
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    report.add(
      'changed',
      place,
      'kube-eventer drops an option with a % that is no escape, here it is taken as written',
    );
    return raw.replaceAll('+', ' ');
  }
}

/** Reads the pairs by name. */
export function createOptions(pairs: readonly Pair[]): Options {
  const asked = new Set<string>();
  return {
    one(name) {
      asked.add(name);
      return pairs.find((pair) => pair.name === name)?.value;
    },
    all(name) {
      asked.add(name);
      return pairs.filter((pair) => pair.name === name).map((pair) => pair.value);
    },
    rest: () => pairs.filter((pair) => !asked.has(pair.name)),
  };
}

/** The URL before the question mark, or one to fill in where the source has only a placeholder. */
export function urlOf(
  base: string,
  fallback: string,
  { place, report }: { readonly place: string; readonly report: Report },
  advice = `put the real address in place of ${FILL_IN}`,
): string {
  if (/^https?:\/\//i.test(base) && URL.canParse(asWritten(base))) return base;
  // Only a placeholder is repeated: an address without a scheme may end in a token.
  const found = PLACEHOLDER_TEXT.test(base) ? `has ${base} where a URL belongs` : 'has no http:// or https:// URL';
  report.add('fill in', place, `${found}: ${advice}`);
  return fallback;
}

/** A URL without the user name and password that stand in it, and these. */
export function splitCredentials(url: string): {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
} {
  const [, scheme, username, password, rest] = /^([a-z]+:\/\/)([^@/:]*)(?::([^@/]*))?@(.*)$/i.exec(url) ?? [];
  if (scheme === undefined || rest === undefined) return { url, username: undefined, password: undefined };
  return { url: scheme + rest, username, password };
}

/** The cluster's name is said once, by the relay. */
export function reportCluster(
  option: string,
  { options, place, report }: { readonly options: Options; readonly place: string; readonly report: Report },
): void {
  const name = options.one(option);
  if (name !== undefined) {
    report.add(
      'note',
      `${place} ${option}`,
      `set the relay's CLUSTER_NAME to ${asWritten(name)}, so that every event carries it`,
    );
  }
}
