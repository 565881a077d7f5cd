/** A number that only grows, per set of label values. */
export interface Counter {
  add(amount: number, labels?: Labels): void;
  /** The sum over all labels. */
  total(): number;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number): void;
}

type Labels = Readonly<Record<string, string>>;

/** How many sets of label values one metric may have, unless it says otherwise; the rest is counted under `other`. */
const MAX_SERIES = 50;

export interface Registry {
  counter(name: string, help: string, maxSeries?: number): Counter;
  gauge(name: string, help: string): Gauge;
  /** A gauge that is asked when the metrics are read; undefined leaves it out. */
  gaugeOf(name: string, help: string, read: () => number | undefined): void;
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** Everything in the Prometheus text format. */
  render(): string;
}

/** A registry of metrics in the Prometheus text format, version 0.0.4. */
export function createRegistry(prefix: string): Registry {
  const writers: (() => string)[] = [];

  function register(name: string, help: string, type: string, lines: (full: string) => readonly string[]): void {
    const full = `${prefix}_${name}`;
    writers.push(() => [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines(full)].join('\n'));
  }

  function series(
    name: string,
    help: string,
    type: string,
    maxSeries = MAX_SERIES,
  ): { values: Map<string, number>; readonly key: (labels?: Labels) => string } {
    const values = new Map<string, number>();
    register(name, help, type, (full) => [...values].map(([key, value]) => `${full}${key} ${value}`));
    return {
      values,
      key(labels) {
        if (labels === undefined) return '';
        const key = labelText(labels);
        if (values.has(key) || values.size < maxSeries) return key;
        return labelText(Object.fromEntries(Object.keys(labels).map((label) => [label, 'other'])));
      },
    };
  }

  return {
    counter(name, help, maxSeries) {
      const { values, key } = series(name, help, 'counter', maxSeries);
      return {
        add(amount, labels) {
          const at = key(labels);
          values.set(at, (values.get(at) ?? 0) + amount);
        },
        total: () => [...values.values()].reduce((sum, value) => sum + value, 0),
      };
    },
    gauge(name, help) {
      const { values, key } = series(name, help, 'gauge');
      return { set: (value, labels) => void values.set(key(labels), value) };
    },
    gaugeOf(name, help, read) {
      register(name, help, 'gauge', (full) => {
        const value = read();
        return value === undefined ? [] : [`${full} ${value}`];
      });
    },
    histogram(name, help, bounds) {
      const buckets = bounds.map((bound) => ({ bound, count: 0 }));
      let sum = 0;
      let count = 0;
      register(name, help, 'histogram', (full) => [
        ...buckets.map((bucket) => `${full}_bucket{le="${bucket.bound}"} ${bucket.count}`),
        `${full}_bucket{le="+Inf"} ${count}`,
        `${full}_sum ${sum}`,
        `${full}_count ${count}`,
      ]);
      return {
        observe(value) {
          sum += value;
          count += 1;
          for (const bucket of buckets) if (value <= bucket.bound) bucket.count += 1;
        },
      };
    },
    render: () => `${writers.map((write) => write()).join('\n')}\n`,
  };
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, '_').slice(0, 100)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A large cluster's reasons, kinds and namespaces, in 0.2 MB. */
const MAX_EVENT_SERIES = 2000;

/** The relay's metrics. */
export type RelayMetrics = ReturnType<typeof createRelayMetrics>;

/** @param ofEvents - where the cluster's events are counted by what they say; undefined: nowhere. */
export function createRelayMetrics(registry: Registry, ofEvents?: Registry) {
  return {
    events: ofEvents?.counter(
      'events_total',
      'Events of the cluster that the relay has read to send, each repetition one, by the object that they are about.',
      MAX_EVENT_SERIES,
    ),
    seen: registry.counter('events_seen_total', 'Events read from the API server, by how they came.'),
    covered: registry.counter(
      'events_covered_total',
      'Listed events that the cursor covered and that were not sent again.',
    ),
    context: registry.counter('context_total', 'Events by what was known of the objects that they are about.'),
    sent: registry.counter('events_sent_total', 'Events that the queue accepted, gaps and heartbeats among them.'),
    messages: registry.counter(
      'messages_sent_total',
      'Messages that the queue accepted: an envelope of events is one.',
    ),
    failures: registry.counter('send_failures_total', 'Calls and entries that the queue did not accept, by code.'),
    retries: registry.counter('send_retries_total', 'Messages that were put back to be sent again.'),
    sendSeconds: registry.histogram(
      'send_duration_seconds',
      'Duration of SendMessageBatch calls.',
      [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    acceptSeconds: registry.histogram(
      'event_accept_seconds',
      'From reading a live event to its acceptance by the queue.',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
    ),
    inFlight: registry.gauge('send_calls_in_flight', 'SendMessageBatch calls under way.'),
    buffered: registry.gauge('buffer_events', 'Events waiting or under way.'),
    bufferedBytes: registry.gauge('buffer_bytes', 'Size of the messages waiting or under way.'),
    relists: registry.counter('relists_total', 'Lists of all events, by cause.'),
    reconnects: registry.counter('watch_restarts_total', 'Watches that ended, by cause.'),
    gaps: registry.counter('gaps_total', 'Declared gaps, by cause.'),
    gapSeconds: registry.counter('gap_seconds_total', 'Length of the declared gaps.'),
    unreadable: registry.counter(
      'unreadable_frames_total',
      'Frames of the API server that could not be read, by kind.',
    ),
    connected: registry.gauge('watch_connected', 'Whether the watch of a stream is open.'),
    lastEvent: registry.gauge('last_event_timestamp_seconds', 'When the last event was read.'),
    leader: registry.gauge('leader', 'Whether this relay leads.'),
    leaseFailures: registry.counter('lease_renewal_failures_total', 'Renewals of the Lease that failed.'),
    cursorFailures: registry.counter('cursor_save_failures_total', 'Attempts to save the cursor that failed.'),
  };
}
