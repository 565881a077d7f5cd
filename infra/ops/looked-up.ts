import { RECORDS, type Filter, type Rule } from '../../functions/core/destinations/filter.ts';
import { parseJsonObject } from '../../functions/core/destinations/json-object.ts';
import { compilePatterns } from '../../functions/core/kit/pattern.ts';

/*
 * Labels and annotations of an object and its namespace are known only where the relay looks them up. A rule that names one never
 * holds elsewhere, and a template has nothing to show.
 */

/** Where a document asks for what the relay has to look up, as `filter.match[0].labels`. */
export interface LookedUp {
  readonly field: string;
  readonly isFilter: boolean;
}

/**
 * What a document that can be read asks for.
 * @param cluster - leaves out rules that hold for no event of it.
 */
export function lookedUpIn(text: string, filter: Filter, cluster?: string): readonly LookedUp[] {
  const { match = [], drop = [] } = filter;
  const parsed = parseJsonObject(text);
  const { filter: _, ...options } = 'value' in parsed ? parsed.value : {};
  return [
    ...inRules(match, 'filter.match', cluster).map((field) => ({ field, isFilter: true })),
    ...inRules(drop, 'filter.drop', cluster).map((field) => ({ field, isFilter: true })),
    ...inTemplates(options, '').map((field) => ({ field, isFilter: false })),
  ];
}

function inRules(rules: readonly Rule[], path: string, cluster: string | undefined): readonly string[] {
  return rules.flatMap((rule, index) => {
    if (cluster !== undefined && !mayHoldIn(rule, cluster)) return [];
    const own = RECORDS.filter((record) => rule[record] !== undefined).map((record) => `${path}[${index}].${record}`);
    return [...own, ...inRules(rule.all ?? [], `${path}[${index}].all`, undefined)];
  });
}

function mayHoldIn({ cluster: wanted, all = [] }: Rule, cluster: string): boolean {
  return (wanted === undefined || compilePatterns(wanted)(cluster)) && all.every((rule) => mayHoldIn(rule, cluster));
}

const IN_TEMPLATE = /\bevent\.(?:object|namespace)\.(?:labels|annotations)\b/;

function inTemplates(value: unknown, path: string): readonly string[] {
  if (typeof value === 'string') return IN_TEMPLATE.test(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => inTemplates(item, `${path}[${index}]`));
  return Object.entries(value).flatMap(([name, inner]) => inTemplates(inner, path === '' ? name : `${path}.${name}`));
}
