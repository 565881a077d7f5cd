import { asWritten, unresolved } from '../environment.ts';
import type { Mapping } from '../documents.ts';
import { exactPattern, oneOrList, regexPattern, regexProblem } from '../patterns.ts';
import { PLACEHOLDER_TEXT, type Report } from '../report.ts';
import type { Options } from './sink-uri.ts';

/** How a sink of kube-eventer filters. */
interface FilterRules {
  /** The chats compare the Event's own namespace, the webhook the object's. */
  readonly namespaceField: 'namespace' | 'eventNamespace';
  /** The level where none is given; undefined lets everything pass. */
  readonly defaultLevel: 'Warning' | undefined;
  /** The level that a word which is none comes to; undefined lets everything pass. */
  readonly unknownLevel: 'Warning' | undefined;
  /** Whether an empty list lets everything pass, or nothing. */
  readonly emptyListPasses: boolean;
  readonly lists: readonly ListName[];
  /** How to have the events of nodes, which a list of namespaces leaves out. */
  readonly nodes: string;
}

type ListName = 'namespaces' | 'kinds' | 'reason';

export const WEBHOOK_FILTER: FilterRules = {
  namespaceField: 'namespace',
  defaultLevel: undefined,
  unknownLevel: 'Warning',
  emptyListPasses: false,
  lists: ['namespaces', 'kinds', 'reason'],
  nodes: 'add "" to namespace',
};

export const CHAT_FILTER: FilterRules = {
  namespaceField: 'eventNamespace',
  defaultLevel: 'Warning',
  unknownLevel: undefined,
  emptyListPasses: true,
  lists: ['namespaces', 'kinds'],
  nodes: 'add a rule with kind Node to match',
};

/** The filter that a sink's options amount to, with `enabled: false` for one that let nothing pass. */
export function kubeEventerFilter(options: Options, rules: FilterRules, place: string, report: Report): Mapping {
  const rule: Record<string, unknown> = { type: typesOf(options, rules, place, report) };
  let passes = true;
  for (const name of rules.lists) {
    const field = name === 'namespaces' ? rules.namespaceField : FIELDS[name];
    const items = listOf(options, name, field, place, report);
    if (items === undefined) continue;
    if (items.length > 0) rule[field] = oneOrList(items.map((item) => patternOf(name, item, place, report)));
    else if (!rules.emptyListPasses) passes = false;
  }
  if (!passes) {
    report.add('changed', place, 'an empty namespaces or kinds let nothing pass: written with enabled false');
  }
  reportNodes(rule, rules, place, report);
  const fields = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
  return {
    ...(!passes && { enabled: false }),
    ...(Object.keys(fields).length > 0 && { filter: { match: [fields] } }),
  };
}

const FIELDS = { kinds: 'kind', reason: 'reason' } as const;

/** The types that each level lets pass: its own and those above. */
const LEVELS: ReadonlyMap<string, string | readonly string[]> = new Map<string, string | readonly string[]>([
  ['Normal', ['Normal', 'Warning']],
  ['Warning', 'Warning'],
]);

/** The types of events that the option `level` lets pass; undefined for all. */
function typesOf(options: Options, rules: FilterRules, place: string, report: Report): Mapping[string] {
  const given = options.one('level');
  const level = given ?? rules.defaultLevel;
  if (level === undefined || LEVELS.has(level)) return LEVELS.get(level ?? '');
  const where = `${place} level`;
  if (PLACEHOLDER_TEXT.test(level)) {
    report.add('fill in', where, `holds the placeholder ${level}: taken as the default, Warning`);
    return LEVELS.get('Warning');
  }
  const words = level.split(',').map((word) => word.trim());
  if (words.every((word) => LEVELS.has(word))) {
    const there =
      rules.unknownLevel === undefined ? 'lets everything pass' : `takes a list for ${rules.unknownLevel} alone`;
    const lowest = words.includes('Normal') ? 'Normal' : 'Warning';
    report.add(
      'changed',
      where,
      `is a list, where kube-eventer knows one level and ${there}; here it is ${lowest} and above`,
    );
    return LEVELS.get(lowest);
  }
  const taken = rules.unknownLevel ?? 'one that lets every event pass';
  report.add('note', where, `${level} is no level, so that kube-eventer takes it for ${taken}: so does this`);
  return LEVELS.get(rules.unknownLevel ?? '');
}

/** The items of an option; undefined where it is not given, or holds a placeholder alone. */
function listOf(
  options: Options,
  name: ListName,
  field: string,
  place: string,
  report: Report,
): readonly string[] | undefined {
  const values = options.all(name);
  const [list] = values;
  if (list === undefined) return undefined;
  if (values.length > 1) {
    report.add(
      'changed',
      `${place} ${name}`,
      'is given more than once: kube-eventer reads only the first, and so does this',
    );
  }
  // A reason may be a class of characters, which looks much like a placeholder.
  if (PLACEHOLDER_TEXT.test(list) && (name !== 'reason' || /[ _]/.test(list))) {
    report.add(
      'fill in',
      `${place} ${name}`,
      `holds the placeholder ${list}: add ${field} to the filter, or leave it out`,
    );
    return undefined;
  }
  return list === '' && name !== 'reason' ? [] : list.split(',');
}

/** A name is compared as a whole. What cannot be one lets nothing pass there, and was meant as a pattern. */
function patternOf(name: ListName, item: string, place: string, report: Report): string {
  const text = asWritten(item);
  const where = `${place} ${name}`;
  if (name === 'reason') {
    const problem = regexProblem(text);
    if (problem !== undefined) {
      report.add('refuse', where, `${problem}; kube-eventer takes commas as separators, so write them as \\x2c`);
    }
    return regexPattern(text);
  }
  if (NAME.test(text) || unresolved(item).length > 0) return exactPattern(text);
  const trimmed = text.trim();
  const problem = regexProblem(trimmed);
  if (problem !== undefined) {
    report.add('note', where, `${trimmed} is no name, and lets nothing pass, as there`);
    return exactPattern(text);
  }
  const isName = NAME.test(trimmed) || /^[\w*-]+$/.test(trimmed);
  const pattern = isName ? trimmed : regexPattern(`^(?:${trimmed})$`);
  report.add(
    'changed',
    where,
    `"${text}" is no name, so that it lets nothing pass there, where names are compared as they stand; here it is ${pattern}`,
  );
  return pattern;
}

const NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Nodes have no namespace, and their events lie in `default`. */
function reportNodes(
  { kind, ...rule }: Readonly<Record<string, unknown>>,
  { namespaceField, nodes }: FilterRules,
  place: string,
  report: Report,
): void {
  const namespaces = [rule[namespaceField] ?? []].flat();
  const hasNodes = namespaceField === 'eventNamespace' && namespaces.includes('default');
  const wantsNodes = kind === undefined || [kind].flat().includes('Node');
  if (namespaces.length === 0 || hasNodes || !wantsNodes) return;
  report.add(
    'note',
    `${place} namespaces`,
    `leaves out the events of nodes, which have no namespace, as there: to have them too, ${nodes}`,
  );
}
