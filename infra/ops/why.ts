import {
  compileFilter,
  fieldValues,
  RECORDS,
  recordValues,
  type Filter,
  type RecordName,
  type Rule,
} from '../../functions/core/destinations/filter.ts';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { oneLine } from './one-line.ts';

/** One condition of a rule: a field, or an entry of a record such as `labels.app`. */
interface Condition {
  readonly name: string;
  readonly wanted: unknown;
  /** A rule with this condition alone. */
  readonly rule: Rule;
}

/** Which fields of the match rules keep an event out, rule by rule. */
export function whyUnmatched({ match = [] }: Filter, event: ClusterEvent): string {
  const reasons = match.map((rule) => conditions(rule).filter((condition) => !holds(condition.rule, event)));
  return numbered(reasons.map((failing) => failing.map((condition) => differs(condition, event)).join(' and ')));
}

/** Which of some rules holds for an event, and by which fields; undefined where none does. */
export function whichHolds(rules: readonly Rule[], event: ClusterEvent): string | undefined {
  const index = rules.findIndex((rule) => holds(rule, event));
  const rule = rules[index];
  if (rule === undefined) return undefined;
  return `${rules.length > 1 ? `rule ${index + 1}: ` : ''}${ruleText(rule)}`;
}

/** A rule in words: `namespace shop and reason BackOff`. */
export function ruleText(rule: Rule): string {
  return conditions(rule)
    .map(({ name, wanted }) => `${name} ${shown(wanted)}`)
    .join(' and ');
}

function holds(rule: Rule, event: ClusterEvent): boolean {
  return compileFilter({ match: [rule] }, 'all')(event) === 'pass';
}

/** A rule taken apart: an event meets it if it meets each condition. */
function conditions(rule: Rule): readonly Condition[] {
  const { all = [], ...fields } = rule;
  const records: readonly string[] = RECORDS;
  return [
    ...Object.entries(fields)
      .filter(([name, wanted]) => wanted !== undefined && !records.includes(name))
      .map(([name, wanted]) => ({ name, wanted, rule: { [name]: wanted } })),
    ...RECORDS.flatMap((record) => entries(record, rule[record] ?? {})),
    ...all.flatMap(conditions),
  ];
}

function entries(record: RecordName, wanted: NonNullable<Rule['labels']>): readonly Condition[] {
  return Object.entries(wanted).map(([key, value]) => ({
    name: `${record}.${key}`,
    wanted: value,
    rule: { [record]: { [key]: value } },
  }));
}

function differs({ name, wanted }: Condition, event: ClusterEvent): string {
  const value = valueOf(name, event);
  if (name === 'minCount') return `count is ${event.count}, wanted at least ${shown(wanted)}`;
  if (value === undefined) return `there is no ${name}, wanted ${shown(wanted)}`;
  return `${name} is ${value === '' ? 'empty' : oneLine(value, 60)}, wanted ${shown(wanted)}`;
}

function valueOf(name: string, event: ClusterEvent): string | undefined {
  const record = RECORDS.find((each) => name.startsWith(`${each}.`));
  if (record !== undefined) return recordValues[record](event)[name.slice(record.length + 1)];
  return fieldValues.find(([field]) => field === name)?.[1](event);
}

function shown(wanted: unknown): string {
  if (Array.isArray(wanted)) return wanted.map(shown).join(' or ');
  return wanted === '' ? '""' : String(wanted);
}

/** Reasons of several rules are told apart by the rule's number. */
function numbered(reasons: readonly string[]): string {
  return reasons.length === 1
    ? reasons.join('')
    : reasons.map((reason, index) => `rule ${index + 1}: ${reason}`).join('; ');
}
