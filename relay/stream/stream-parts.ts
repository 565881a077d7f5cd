import type { ApiClient } from '../cluster/api-client.ts';
import type { ApiTiming, EventApi } from '../cluster/event-api.ts';
import type { FrameParser } from '../cluster/frame-parser.ts';
import type { PagedList } from '../cluster/paged-list.ts';
import type { StartFrom } from '../config.ts';
import type { Enrichment } from '../context/enrichment.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import type { Outbox } from '../queue/outbox.ts';
import type { Counts } from './counts.ts';
import type { Flow } from './flow.ts';
import type { Intake } from './intake.ts';
import type { Happened, Phase } from './phase.ts';
import type { StreamHealth } from './stream-health.ts';
import type { Cursor, Watermark } from './watermark.ts';

/** What a stream is about. */
export interface StreamOptions {
  /** `*`, or a namespace. */
  readonly name: string;
  readonly cluster: string;
  readonly startFrom: StartFrom;
  readonly eventTtlMs: number;
  /** Where the stream was when it was last saved. */
  readonly saved: Cursor | undefined;
  /** There was a cursor, and it is gone: everything is to be sent. */
  readonly cursorLost: boolean;
}

/** What a stream works with. */
export interface StreamPorts {
  readonly client: Pick<ApiClient, 'serverNow'>;
  readonly api: EventApi;
  readonly timing: ApiTiming;
  readonly outbox: Outbox;
  readonly counts: Counts;
  readonly enrichment: Enrichment;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
  /** Saves the cursors of all streams now; resolves once they are saved. */
  readonly save: () => Promise<void>;
}

/** What the phases of one stream share. */
export interface StreamParts {
  readonly options: StreamOptions;
  readonly ports: StreamPorts;
  readonly watermark: Watermark;
  readonly intake: Intake;
  readonly parser: FrameParser;
  readonly pages: PagedList;
  readonly health: StreamHealth;
  readonly flow: Flow;
  phase(): Phase;
  /** Notes what happened in the middle of a connection; the phase changes accordingly. */
  note(happened: Happened): void;
}
