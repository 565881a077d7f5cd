/**
 * Metrics in CloudWatch's embedded metric format (AmazonCloudWatch/latest/monitoring, "CloudWatch_Embedded_Metric_Format
 * specification"): one JSON line per set of dimensions, from which CloudWatch Logs makes metrics of namespace `KubeCourier`.
 */
export const METRIC_NAMESPACE = 'KubeCourier';

const UNITS = {
  /** Sinks. Unit of the ledger: one event at one destination. */
  Delivered: 'Count',
  Retried: 'Count',
  Rejected: 'Count',
  /** How long ago the event failed first that has been retried the longest. */
  RetryAge: 'Seconds',
  Filtered: 'Count',
  /** From the event's last occurrence to its delivery. */
  DeliveryLatency: 'Milliseconds',
  /** A document that is in force only in an earlier version, or not at all; or parameters that could not be read. */
  ConfigErrors: 'Count',
  /** Router. */
  Received: 'Count',
  Heartbeats: 'Count',
  Gaps: 'Count',
} as const;

export type MetricName = keyof typeof UNITS;

/** `Sink` and `Destination`, or `Cluster`: nothing else, because every combination is billed as a metric of its own. */
export type Dimensions = { readonly Sink: string; readonly Destination: string } | { readonly Cluster: string };

export interface Metrics {
  /** Counts are summed, of ages the largest is kept. @param properties searchable in the logs, no dimension. */
  add(name: MetricName, value: number, dimensions: Dimensions, properties?: Readonly<Record<string, string>>): void;
  /** Writes what was added since the last flush. */
  flush(): void;
}

/** The format allows 100 values of a metric in one line. */
const MAX_VALUES = 100;

interface Series {
  readonly dimensions: Dimensions;
  readonly properties: Readonly<Record<string, string>>;
  readonly values: Map<MetricName, number[]>;
}

export function createMetrics(write: (line: string) => void, now: () => Date): Metrics {
  const all = new Map<string, Series>();
  return {
    add(name, value, dimensions, properties = {}) {
      const key = JSON.stringify([dimensions, properties]);
      const series = all.get(key) ?? { dimensions, properties, values: new Map() };
      all.set(key, series);
      const values = series.values.get(name) ?? [];
      series.values.set(name, values);
      const [known] = values;
      if (known === undefined || UNITS[name] === 'Milliseconds') values.push(value);
      else values[0] = UNITS[name] === 'Count' ? known + value : Math.max(known, value);
    },
    flush() {
      for (const series of all.values()) writeSeries(series);
      all.clear();
    },
  };

  function writeSeries({ dimensions, properties, values }: Series): void {
    const longest = Math.max(...[...values.values()].map((list) => list.length));
    for (let from = 0; from < longest; from += MAX_VALUES) {
      const slices = [...values].flatMap(([name, list]) => {
        const slice = list.slice(from, from + MAX_VALUES);
        return slice.length === 0 ? [] : [[name, slice] as const];
      });
      write(
        JSON.stringify({
          _aws: {
            Timestamp: now().getTime(),
            CloudWatchMetrics: [
              {
                Namespace: METRIC_NAMESPACE,
                Dimensions: [Object.keys(dimensions)],
                Metrics: slices.map(([name]) => ({ Name: name, Unit: UNITS[name] })),
              },
            ],
          },
          ...dimensions,
          ...properties,
          ...Object.fromEntries(slices.map(([name, slice]) => [name, slice.length === 1 ? slice[0] : slice])),
        }),
      );
    }
  }
}
