import type { ClusterEvent } from '../contract/event.ts';
import { endedBy } from '../contract/recovery.ts';
import { compileFilter, type Filter, type Repeats, type Rule, type Verdict } from './filter.ts';

/**
 * The filter of a pager whose document has none. What ends `FailedScheduling` comes for each pod that starts: a busy cluster would
 * spend a pager's rate on it, and what wakes people would wait behind it.
 */
export const PAGER_FILTER: Filter = { match: [{ severity: ['critical'] }], drop: [{ reason: ['Scheduled'] }] };

/** Fields of which an event that ends another does not tell what they were of that one. */
const UNTOLD = ['message', 'action', 'component', 'host', 'minCount'] as const satisfies readonly (keyof Rule)[];

/**
 * The filter of a pager. Beside what it says, an event passes when it ends what the filter may have let pass, at every repeat, so that
 * what was opened is closed: too often rather than not at all, because closing what is not open does nothing. A drop rule that names
 * the reason of such an event holds it back all the same.
 */
export function compilePagerFilter(filter: Filter, repeats: Repeats): (event: ClusterEvent) => Verdict {
  const { match = [], drop = [] } = filter;
  const verdict = compileFilter(filter, repeats);
  const told = { match: match.map(withoutUntold), drop: drop.filter((rule) => !asksFor(UNTOLD, rule)) };
  const mayHaveOpened = compileFilter(told, 'all');
  const isUnwanted = compileFilter({ drop: drop.filter((rule) => asksFor(['reason'], rule)) }, 'all');
  return function pagerVerdict(event) {
    const isRecovery = endedBy(event).some((ended) => mayHaveOpened(ended) === 'pass');
    return isRecovery ? isUnwanted(event) : verdict(event);
  };
}

function withoutUntold(rule: Rule): Rule {
  const { message: _, action: _a, component: _c, host: _h, minCount: _m, ...told } = rule;
  return { ...told, all: rule.all?.map(withoutUntold) };
}

function asksFor(fields: readonly (keyof Rule)[], rule: Rule): boolean {
  return fields.some((name) => rule[name] !== undefined) || (rule.all ?? []).some((inner) => asksFor(fields, inner));
}
