import type { EventContext } from './context.ts';
import type { KubeEvent } from './event.ts';
import type { Fate } from './outcome.ts';

/**
 * One example of a sink at work, as data: the conformance suite runs it over a real loopback server and the sink's README
 * is generated from it.
 */
export interface SinkCase {
  /** A sentence: "delivers one event", "retries when the robot is throttled". */
  readonly name: string;
  /** The destination's String document, without filter and repeats. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The destination's SecureString document, invented values. */
  readonly secrets?: Readonly<Record<string, unknown>>;
  /** The events of the batch; absent fields come from the suite's sample event. */
  readonly events: readonly KubeEvent[];
  /** What the relay knows of the object of each. */
  readonly context?: EventContext;
  /** The clock, RFC 3339. By default 2026-11-23T08:00:00Z. */
  readonly now?: string;
  /** The HTTP exchanges in order, compared whole; one too many or too few fails. */
  readonly exchanges?: readonly Exchange[];
  /** For wire protocols: the calls on the client in order, and what each answers. */
  readonly calls?: readonly Call[];
  /** What is logged, for the `log` sink. */
  readonly lines?: readonly string[];
  /** What becomes of each event, in order, after the handler has split and tried again what is to be. */
  readonly outcomes: readonly Fate[];
}

/** A text that people read, and the bounds its service sets. */
export interface ShownText {
  readonly text: string;
  /** The longest it may be, as the service counts: bytes of UTF-8, or UTF-16 units, which people call characters. */
  readonly limit?: { readonly max: number; readonly unit: 'utf8' | 'utf16' };
  /** Markup that opens and closes within a line. What opens may be what closes. */
  readonly pairs?: readonly (readonly [open: string, close: string])[];
  /** The service reads neither markup nor entities in it, so nothing is escaped. */
  readonly isLiteral?: true;
}

/**
 * What people see of a sink's messages: MESSAGES.md is written from it, and the suite holds every text to its bounds. A chat's
 * `cases.ts` exports it as `messages`.
 */
export interface SinkMessages<Payload> {
  /** The heading of MESSAGES.md. */
  readonly title: string;
  /** Options worth showing, each under a name for people. */
  readonly variants: readonly { readonly name: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly texts: (payload: Payload) => readonly ShownText[];
}

export interface Exchange {
  readonly request: {
    readonly method: string;
    /** The vendor's real URL; the suite sends it to the loopback server instead. */
    readonly url: string;
    /** These must be present as given, names in lower case; others may be there too. */
    readonly headers?: Readonly<Record<string, string>>;
    /** An object or array is compared as parsed JSON, a string as the (decompressed) text. */
    readonly body?: unknown;
  };
  readonly reply: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** An object or array is sent as JSON. */
    readonly body?: unknown;
  };
}

export interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly returns?: unknown;
  /** Properties of the error the call throws. */
  readonly throws?: Readonly<Record<string, unknown>>;
}
