import { isMapping, scalarText, type Mapping } from '../documents.ts';
import { asEmpty, unresolved } from '../environment.ts';
import { exactPattern, regexPattern, regexProblem } from '../patterns.ts';
import type { Report } from '../report.ts';
import { itemsOf } from './options.ts';
import type { Rule } from '../../../../functions/core/destinations/filter.ts';

/** One way through the route tree to a receiver: all rules must hold, and no drop rule. */
export interface Branch {
  readonly receiver: string;
  readonly place: string;
  /** Empty: every event. */
  readonly match: readonly Rule[];
  readonly drop: readonly Rule[];
}

// kubernetes-event-exporter's names of fields whose value is an unanchored regular expression, and ours.
const FIELDS = {
  message: 'message',
  apiVersion: 'apiVersion',
  kind: 'kind',
  // The Event's own namespace is what it compares, where events of nodes have `default`.
  namespace: 'eventNamespace',
  reason: 'reason',
  type: 'type',
  component: 'component',
  host: 'host',
} as const;

const OTHER_KEYS: readonly string[] = ['labels', 'annotations', 'minCount', 'receiver'];
export const ROUTE_KEYS: readonly string[] = ['drop', 'match', 'routes'];

/**
 * The branches of a route tree. A route sends by each of its match rules on its own; its sub-routes run when all of them
 * hold; a drop rule ends the route and everything below it.
 */
export function branches(route: unknown, report: Report): readonly Branch[] {
  return walk(route, 'route', { match: [], drop: [] }, report);
}

interface Above {
  readonly match: readonly Rule[];
  readonly drop: readonly Rule[];
}

function walk(route: unknown, place: string, above: Above, report: Report): readonly Branch[] {
  if (route === undefined || route === null) return [];
  if (!isMapping(route)) {
    report.add('refuse', place, 'is no mapping with drop, match and routes');
    return [];
  }
  reportUnknown(route, ROUTE_KEYS, place, report);
  const drops = rulesOf(route, 'drop', place, report);
  const matches = rulesOf(route, 'match', place, report);
  if (drops.some(({ rule }) => rule === 'every event')) {
    report.add('note', place, 'an empty drop rule drops every event: nothing below it is imported');
    return [];
  }
  for (const drop of drops) {
    if (drop.receiver !== undefined)
      report.add('note', drop.place, 'its receiver is ignored there too: a drop rule sends nothing');
  }
  const drop = [...above.drop, ...drops.flatMap(conditionsOf)];
  const own = matches.flatMap((match) =>
    match.receiver === undefined || match.rule === 'no event'
      ? []
      : [{ receiver: match.receiver, place: match.place, match: [...above.match, ...conditionsOf(match)], drop }],
  );
  const routes = itemsOf(route, 'routes', place, report);
  const never = matches.find(({ rule }) => rule === 'no event');
  if (never !== undefined && routes.length > 0) {
    report.add('not carried', `${place}.routes`, `is never reached, because ${never.place} never holds`);
    return own;
  }
  const below: Above = { match: [...above.match, ...matches.flatMap(conditionsOf)], drop };
  return [...own, ...routes.flatMap((inner, index) => walk(inner, `${place}.routes[${index}]`, below, report))];
}

interface ReadRule {
  readonly place: string;
  readonly receiver: string | undefined;
  /** An empty rule holds for every event, one with an invalid expression for none. */
  readonly rule: Rule | 'every event' | 'no event';
}

function conditionsOf({ rule }: ReadRule): readonly Rule[] {
  return typeof rule === 'string' ? [] : [rule];
}

function rulesOf(route: Mapping, name: 'drop' | 'match', place: string, report: Report): readonly ReadRule[] {
  return itemsOf(route, name, place, report).map((source, index) => {
    const where = `${place}.${name}[${index}]`;
    if (source === null) return { place: where, receiver: undefined, rule: 'every event' };
    if (!isMapping(source)) {
      report.add('refuse', where, 'is no mapping of fields to regular expressions');
      return { place: where, receiver: undefined, rule: 'no event' };
    }
    const receiver = scalarText(source['receiver']);
    return {
      place: where,
      receiver: receiver === undefined || receiver === '' ? undefined : asEmpty(receiver),
      rule: readRule(source, where, report),
    };
  });
}

function readRule(source: Mapping, place: string, report: Report): ReadRule['rule'] {
  reportUnknown(source, [...Object.keys(FIELDS), ...OTHER_KEYS], place, report);
  const rule: Record<string, unknown> = {};
  let isPossible = true;
  const patternOf = (value: unknown, where: string): string | undefined => {
    const pattern = regexOf(value, where, report);
    if (pattern === null) isPossible = false;
    return pattern ?? undefined;
  };
  for (const [name, field] of Object.entries(FIELDS)) {
    const pattern = patternOf(source[name], `${place}.${name}`);
    if (pattern === undefined) continue;
    rule[field] = pattern;
    if (name === 'component') {
      report.add(
        'note',
        `${place}.component`,
        'here it is also compared with reportingComponent where an event has no source',
      );
    }
  }
  for (const name of ['labels', 'annotations'] as const) {
    const wanted = source[name] ?? {};
    if (!isMapping(wanted)) report.add('refuse', `${place}.${name}`, 'is no mapping of keys to regular expressions');
    const entries = Object.entries(isMapping(wanted) ? wanted : {});
    if (entries.length === 0) continue;
    // An empty pattern means that the key is there.
    rule[name] = Object.fromEntries(
      entries.map(([key, value]) => [key, patternOf(value, `${place}.${name}.${key}`) ?? '*']),
    );
  }
  const count = source['minCount'];
  if (count !== undefined && count !== null && !Number.isInteger(count)) {
    report.add('refuse', `${place}.minCount`, 'is no whole number');
  } else if (typeof count === 'number' && count > 0) {
    rule['minCount'] = count;
    report.add('note', `${place}.minCount`, 'an event without a count has 0 there and 1 here');
  }
  if (!isPossible) return 'no event';
  return Object.keys(rule).length > 0 ? rule : 'every event';
}

/** The pattern of a field; undefined where it is empty, null where it matches nothing. */
function regexOf(value: unknown, place: string, report: Report): string | undefined | null {
  if (value === undefined || value === null) return undefined;
  const written = scalarText(value);
  if (written === undefined) {
    report.add('refuse', place, 'is no text');
    return undefined;
  }
  for (const reference of unresolved(written)) {
    report.add(
      'note',
      place,
      `${reference} is an environment variable whose value is not in the file: taken as empty, as it is where it is not set`,
    );
  }
  const source = asEmpty(written);
  if (source === '') {
    if (written !== '')
      report.add('note', place, 'is empty without the variable, and an empty field matches everything');
    return undefined;
  }
  const problem = regexProblem(source);
  if (problem === undefined) return regexPattern(source);
  report.add('not carried', place, `${problem}, so that its rule never holds there, and is left out${meantBy(source)}`);
  return null;
}

/** A star that was meant as the shell reads it. */
function meantBy(source: string): string {
  const meant = source.replace(/(?<![.)\]\\])\*/g, '.*');
  return regexProblem(meant) === undefined ? `; where you meant ${meant}, correct it and import again` : '';
}

function reportUnknown(source: Mapping, known: readonly string[], place: string, report: Report): void {
  for (const name of Object.keys(source).filter((key) => !known.includes(key))) {
    const meant = known.find((key) => key.toLowerCase() === name.toLowerCase());
    report.add(
      'not carried',
      `${place}.${name}`,
      `is no field there and is ignored (${meant === undefined ? `known: ${known.join(', ')}` : `did you mean ${meant}?`})`,
    );
  }
}

/**
 * The filter of one of a receiver's groups of branches. An event that a group which drops less sends already is dropped
 * here, so that it is sent once.
 */
export function filterOf(
  group: readonly Branch[],
  others: readonly (readonly Branch[])[],
  namespace: string | undefined,
): Mapping {
  const watched: readonly Rule[] = namespace === undefined ? [] : [{ eventNamespace: exactPattern(namespace) }];
  const rules = group.map(({ match }) => [...watched, ...match]);
  const drop = group[0]?.drop ?? [];
  const sentAlready = others
    .filter((other) => other !== group && isSubset(other[0]?.drop ?? [], drop))
    .flatMap((other) => other.map(({ match }) => oneRule(match)));
  const allDrops = unique([...drop, ...sentAlready]);
  const isAll = rules.some((match) => match.length === 0);
  const filter = {
    ...(!isAll && { match: unique(rules.map(oneRule)) }),
    ...(allDrops.length > 0 && { drop: allDrops }),
  };
  return Object.keys(filter).length > 0 ? { filter } : {};
}

function oneRule(match: readonly Rule[]): Rule {
  const [first, ...others] = match;
  return first !== undefined && others.length === 0 ? first : { all: match };
}

/**
 * The branches of one receiver in groups that drop the same. A branch that only sends what another one sends as well is
 * left out: there it would be sent twice.
 */
export function groups(all: readonly Branch[]): readonly (readonly Branch[])[] {
  const needed = all.filter(
    (branch, index) =>
      !all.some(
        (other, position) => other !== branch && covers(other, branch) && !(covers(branch, other) && index < position),
      ),
  );
  return Object.values(
    Object.groupBy(needed, ({ drop }) =>
      unique(drop)
        .map((rule) => JSON.stringify(rule))
        .toSorted()
        .join(),
    ),
  ).flatMap((group) => (group === undefined ? [] : [group]));
}

/** Whether every event of `inner` is one of `outer` too, as far as the rules show by being the same. */
function covers(outer: Branch, inner: Branch): boolean {
  return isSubset(outer.match, inner.match) && isSubset(outer.drop, inner.drop);
}

function isSubset(some: readonly Rule[], all: readonly Rule[]): boolean {
  const known = new Set(all.map((rule) => JSON.stringify(rule)));
  return some.every((rule) => known.has(JSON.stringify(rule)));
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
