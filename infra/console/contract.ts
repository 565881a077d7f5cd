/**
 * What the console's page and its server say to each other, as JSON. Texts are plain: the page escapes them. No secret is ever in
 * any of them. Times are RFC 3339 in UTC.
 */
import type { Severity } from '../../functions/core/contract/severity.ts';

/** What a source may or may not be able to do. */
export type Ability =
  | 'deliveries'
  | 'ledger'
  | 'letters'
  | 'replay'
  | 'destinations'
  | 'edit'
  | 'test'
  | 'rollback'
  | 'silences'
  | 'editSilences'
  | 'receiver';

/** Why the console cannot do something here, and what can: a command to copy. */
export interface Inability {
  readonly why: string;
  readonly command?: string;
}

/** `GET /api/about`: what the page shows, which does not change while the server runs. */
export interface About {
  readonly kind: 'embedded' | 'stack';
  /** What is watched: `built-in sample cluster`, `stack kube-courier in eu-central-1`. */
  readonly title: string;
  readonly version: string;
  readonly readOnly: boolean;
  /** Sink types there are here. */
  readonly sinks: readonly string[];
  /** Those it cannot do; all others it can. */
  readonly cannot: Partial<Readonly<Record<Ability, Inability>>>;
}

/** What became of an event at one destination. `held`: it waits for its like, or for a rate; `letter`: it is in a dead-letter queue. */
export type DeliveryStatus = 'delivered' | 'filtered' | 'retrying' | 'held' | 'letter';

/** How many destinations of an event have each status. */
export type Marks = Partial<Readonly<Record<DeliveryStatus, number>>>;

/** An event as lists show it. */
export interface EventLine {
  /** `<cluster>/<uid>/<resourceVersion>`. */
  readonly id: string;
  /** When the relay saw it. */
  readonly at: string;
  readonly cluster: string;
  readonly type: string;
  readonly reason: string;
  readonly severity: Severity;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `Deployment/shop`; absent where nobody knows. */
  readonly owner?: string;
  /** One line, at most 300 characters. */
  readonly message: string;
  readonly count: number;
}

/** A line of the Live view. */
export interface LiveEvent extends EventLine {
  /** Grows by one for each event of a run of the server. */
  readonly seq: number;
  readonly marks: Marks;
}

/**
 * `GET /api/stream`: server-sent events. `live` has an id, from which a reconnect with `Last-Event-ID` goes on; `reset` comes first where
 * that is too long ago or of another run; `flow` comes once a second, or in its place `problem`, a {@link Failure}, while it cannot be had.
 * The first `live` comes at once: the newest events that are kept, even if there are none. Who hears nothing for ten seconds has lost the server.
 */
export interface LiveBatch {
  readonly events: readonly LiveEvent[];
  /** New marks of events that were sent before, by their seq. */
  readonly marks: readonly (readonly [seq: number, marks: Marks])[];
  /** Events that came too fast to be shown one by one. They are counted, and delivered all the same. */
  readonly skipped: number;
}

/** The pipeline at one moment. */
export interface Flow {
  readonly at: string;
  readonly clusters: readonly ClusterFlow[];
  /** Events a second, over the last ten seconds; absent where nobody counts. */
  readonly eventsPerSecond?: number;
  /** In order: the router, then each sink type that has anything to do. */
  readonly stages: readonly Stage[];
  /** Absent where the source has none: see {@link About.cannot}. */
  readonly ledger?: Ledger;
}

export interface ClusterFlow {
  readonly cluster: string;
  readonly lastHeartbeat?: string;
  readonly relayVersion?: string;
  /** What needs somebody, such as a heartbeat that is late or a gap. */
  readonly problems: readonly string[];
}

/** A queue and its function. Counts are of events where the source knows them, else of messages, which it says. */
export interface Stage {
  /** `router`, or the sink's type. */
  readonly owner: string;
  readonly unit: 'events' | 'messages';
  readonly waiting: number;
  readonly inFlight: number;
  readonly oldestSeconds?: number;
  readonly letters: number;
  /** Since the start here, or over the last 15 minutes of a stack; absent where not known. */
  readonly delivered?: number;
  readonly filtered?: number;
  /** Attempts that are to be repeated. */
  readonly retried?: number;
  /** Events a second, over the last ten seconds or the last minutes. */
  readonly perSecond?: number;
  readonly isPaused: boolean;
  /** What needs somebody, in a line each. */
  readonly problems: readonly string[];
}

/** Event x destination. `seen` = `delivered` + `filtered` + `letters` + `waiting`, or `missing` says what is not accounted for. */
export interface Ledger {
  readonly events: number;
  readonly seen: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly letters: number;
  readonly waiting: number;
  readonly missing: number;
  readonly retried: number;
  readonly replayed: number;
}

/** `GET /api/event?id=`: an event's way. */
export interface EventWay {
  readonly event: LiveEvent;
  /** The whole document, as the log sink writes it. */
  readonly document: unknown;
  readonly destinations: readonly DestinationWay[];
}

export interface DestinationWay {
  readonly destination: string;
  readonly goes: boolean;
  /** Which rule decided, or why it does not go there. */
  readonly why: string;
  /** What was answered, the newest last; empty where the source cannot say. */
  readonly attempts: readonly Attempt[];
}

export interface Attempt {
  readonly at: string;
  readonly status: DeliveryStatus;
  readonly code?: string;
  readonly detail?: string;
}

/** `GET /api/object?cluster=&kind=&namespace=&name=`: what is known of one object, oldest first. */
export interface Timeline {
  readonly events: readonly LiveEvent[];
  /** Where older ones are: a command to copy. */
  readonly earlier?: string;
}

/** `GET /api/letters`: a list of these. */
export interface LetterGroup {
  /** Sink type, or `router`. */
  readonly owner: string;
  readonly code: string;
  readonly destination: string;
  readonly count: number;
  /** When the oldest failed. */
  readonly oldest: string;
  /** What to do about the code. */
  readonly advice?: string;
  /** A few of them, newest first. */
  readonly samples: readonly LetterSample[];
}

export interface LetterSample {
  readonly failedAt: string;
  readonly detail: string;
  readonly attempts: number;
  readonly replays: number;
  /** Absent where it cannot be read. */
  readonly event?: EventLine;
}

/** `POST /api/letters/replay`. Without code and destination, all letters of the owner. */
export interface ReplayRequest {
  readonly owner: string;
  readonly code?: string;
  readonly destination?: string;
  /** Counts what would be sent back, and does nothing. */
  readonly dryRun: boolean;
}

export interface ReplayAnswer {
  /** Sent back, or in a dry run: would be. */
  readonly replayed: number;
  /** Left, because they were replayed too often before, or failed again meanwhile. */
  readonly guarded: number;
  readonly refused: number;
}

/** `GET /api/destinations`: a list of these. */
export interface DestinationSummary {
  readonly id: string;
  readonly state: 'in force' | 'earlier version in force' | 'broken' | 'disabled' | 'not deployed';
  /** What is wrong, in a line. */
  readonly problem?: string;
  readonly version: string;
  readonly isChat: boolean;
}

/** `GET /api/destination?id=`. */
export interface DestinationDetail extends DestinationSummary {
  /** The document, without secrets. */
  readonly text: string;
  /** Names of its secret fields that are set. */
  readonly secrets: readonly string[];
  /** JSON Schema of the document. */
  readonly schema: unknown;
  /** Why it cannot be saved here, nor rolled back, where others can. */
  readonly noEdit?: Inability;
  /** Earlier versions, newest first. */
  readonly versions: readonly DestinationVersion[];
}

/** `GET /api/skeleton?type=`: what a new destination of a sink type begins with. */
export interface Skeleton {
  /** A document with what such a destination needs. */
  readonly text: string;
  /** JSON Schema of the document. */
  readonly schema: unknown;
}

export interface DestinationVersion {
  readonly version: string;
  readonly at?: string;
  readonly by?: string;
  readonly text: string;
}

/** `POST /api/destinations/check`: what a document would do, as it is typed. Writes nothing. */
export interface CheckRequest {
  readonly id: string;
  readonly text: string;
}

export interface Check {
  /** Empty: it may be saved. */
  readonly problems: readonly FieldProblem[];
  /** Of the last events, newest first: whether each would go there. */
  readonly playground: readonly { readonly event: EventLine; readonly goes: boolean; readonly why: string }[];
  /** Events that were looked at, and how many of them would go there. */
  readonly looked: number;
  readonly passing: number;
  /** The first payloads that it would send, of events that would go there; of a made-up event where none would. */
  readonly preview: readonly Preview[];
}

/** A mistake; `field` such as `filter.match[0].reason` is empty where it is of the whole document. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export interface Preview {
  readonly isMadeUp: boolean;
  readonly events: readonly string[];
  /** As the sink renders it: of a chat, the page draws it. */
  readonly payload: unknown;
}

/** `PUT /api/destination`. `basedOn`: the version that was edited, empty for a new one; a newer one refuses it with 409. */
export interface SaveRequest extends CheckRequest {
  readonly basedOn: string;
}

/** `POST /api/destination/rollback`. */
export interface RollbackRequest {
  readonly id: string;
  readonly version: string;
}

/** The version that is now in force. */
export interface Saved {
  readonly version: string;
}

/** `POST /api/destination/test`: a test event, delivered for real. */
export interface TestRequest {
  readonly id: string;
}

export interface TestAnswer {
  readonly status: 'delivered' | 'retry' | 'rejected';
  readonly code?: string;
  readonly detail?: string;
}

/** `GET /api/silences`, and the answer of `POST /api/silences` and `DELETE /api/silences?name=`: a list of these. */
export interface SilenceView {
  readonly name: string;
  readonly until?: string;
  readonly why?: string;
  readonly by?: string;
  /** In words: `namespace shop and reason BackOff`. */
  readonly rules: readonly string[];
  /** Why it holds nothing. */
  readonly problem?: string;
}

/** `POST /api/silences`: the fields of `match` that are given, in one rule. */
export interface SilenceRequest {
  readonly name: string;
  readonly minutes: number;
  readonly why: string;
  readonly by: string;
  readonly match: Readonly<Record<string, string>>;
}

/** How the receiver of the embedded stack answers: `GET /api/receiver`, and `PUT` with `behaviour` alone. */
export const BEHAVIOURS = ['ok', 'throttle', 'fail', 'hang', 'error-in-200'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface Receiver {
  readonly behaviour: Behaviour;
  /** The destination that delivers to it. */
  readonly destination: string;
  /** Requests by behaviour that answered them. */
  readonly answered: Partial<Readonly<Record<Behaviour, number>>>;
}

/** Every answer that is no success: one sentence for a person, with what to do. */
export interface Failure {
  readonly error: string;
  /** What does it instead, to copy. */
  readonly command?: string;
}
