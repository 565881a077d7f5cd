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

/** A sink (`router` for the router), and where it concerns one, the destination; or a cluster. */
export type Place = { readonly Sink: string; readonly Destination?: string } | { readonly Cluster: string };

/** Every combination of dimensions is billed as a metric of its own: by sink alone, unless each destination shall have its own. */
export type MetricsBy = 'sink' | 'destination';

export interface Metrics {
  /** Counts are summed, of ages the largest is kept. @param properties searchable in the logs, no dimension. */
  add(name: MetricName, value: number, place: Place, properties?: Readonly<Record<string, string>>): void;
  /** Writes what was added since the last flush. */
  flush(): void;
}

/** So many latencies of one line stand for all of it: lines are paid for by their length, and the format allows 100 values. */
const MAX_VALUES = 20;

interface Series {
  readonly place: Place;
  readonly properties: Readonly<Record<string, string>>;
  readonly values: Map<MetricName, number[]>;
}

export function createMetrics(write: (line: string) => void, now: () => Date, by: MetricsBy = 'sink'): Metrics {
  const all = new Map<string, Series>();
  return {
    add(name, value, of, properties = {}) {
      const place = by === 'sink' && 'Sink' in of ? { Sink: of.Sink } : of;
      const key = JSON.stringify([place, properties]);
      const series = all.get(key) ?? { place, properties, values: new Map() };
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

  function writeSeries({ place, properties, values }: Series): void {
    write(
      JSON.stringify({
        _aws: {
          Timestamp: now().getTime(),
          CloudWatchMetrics: [
            {
              Namespace: METRIC_NAMESPACE,
              Dimensions: dimensionsOf(place),
              Metrics: [...values.keys()].map((name) => ({ Name: name, Unit: UNITS[name] })),
            },
          ],
        },
        ...place,
        ...properties,
        ...Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0] : thinned(list)])),
      }),
    );
  }
}

/** Values in order, evenly apart where they are many, the smallest and the largest among them. */
function thinned(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length <= MAX_VALUES) return sorted;
  const apart = (sorted.length - 1) / (MAX_VALUES - 1);
  return Array.from({ length: MAX_VALUES }, (_, place) => sorted[Math.round(place * apart)] ?? 0);
}

/** What is counted for a destination counts for its sink too, so that graphs of sinks stay as they are. */
function dimensionsOf(place: Place): readonly (readonly string[])[] {
  return 'Destination' in place ? [['Sink'], ['Sink', 'Destination']] : [Object.keys(place)];
}
