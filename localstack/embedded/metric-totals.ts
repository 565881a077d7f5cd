import type { MetricName } from '../../functions/core/runtime/metrics.ts';

/** Sums of the metrics that functions wrote, as CloudWatch would show them. */
export interface MetricTotals {
  /** Takes a line of a function's standard output. False if it is not a metric but output of its own. */
  accept(line: string): boolean;
  /** All dimensions together, or those of one sink (`router` for the router). */
  sum(name: MetricName, sink?: string): number;
}

/** Reads CloudWatch's embedded metric format, as far as counts go. */
export function createMetricTotals(): MetricTotals {
  const totals = new Map<string, Map<string, number>>();
  return {
    accept(line) {
      if (!line.startsWith('{"_aws":')) return false;
      const document: Readonly<Record<string, unknown>> = JSON.parse(line);
      const { Sink } = document;
      const sink = typeof Sink === 'string' ? Sink : 'router';
      const sums = totals.get(sink) ?? new Map<string, number>();
      totals.set(sink, sums);
      for (const [name, value] of Object.entries(document)) {
        if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value);
      }
      return true;
    },
    sum(name, sink) {
      const wanted = sink === undefined ? [...totals.values()] : [totals.get(sink)];
      return wanted.reduce((sum, sums) => sum + (sums?.get(name) ?? 0), 0);
    },
  };
}
