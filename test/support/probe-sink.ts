import * as z from 'zod/mini';
import { defineConfig, field, secret, type Alike } from '../../functions/core/contract/config.ts';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import type { Outcome } from '../../functions/core/contract/outcome.ts';
import { sampleEvent, sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import type { Parcel, Sink, SinkContext } from '../../functions/core/contract/sink.ts';

const config = defineConfig({
  type: 'probe',
  title: 'Probe',
  chat: false,
  options: z.strictObject({ target: field(z._default(z.string(), 'here'), 'Where to.') }),
  secrets: z.strictObject({ token: field(z.optional(secret()), 'A token.') }),
  codes: { declared: { status: 'retry', meaning: 'A code of its own.', advice: 'None.' } },
});

export interface ProbeOptions {
  readonly target: string;
}

export interface ProbeSecrets {
  readonly token?: { reveal(): string } | undefined;
}

export type ProbeContext = SinkContext<ProbeOptions, ProbeSecrets>;

/** What a test makes the sink do. What it does not say, the sink does well. */
export interface ProbeBehaviour {
  readonly send: (
    events: readonly ClusterEvent[],
    ctx: ProbeContext,
    client: object,
  ) => Promise<Outcome | readonly Outcome[]>;
  /** By default one parcel of all events. */
  readonly render?: (events: readonly ClusterEvent[], options: ProbeOptions) => readonly (readonly ClusterEvent[])[];
  readonly connect?: (ctx: ProbeContext) => Promise<object>;
  readonly close?: (client: object) => Promise<void>;
  readonly alike?: Alike;
  readonly pace?: () => { readonly key: string; readonly perMinute: number };
}

export type ProbeSink = Sink<ProbeOptions, ProbeSecrets, readonly ClusterEvent[], object>;

/** A sink of type `probe` that does what the test says. */
export function probeSink({
  send,
  render = (events) => [events],
  connect = async () => ({}),
  close = async () => {},
  pace,
  alike,
}: ProbeBehaviour): ProbeSink {
  return {
    config: alike ? { ...config, alike } : config,
    render: (events, options): readonly Parcel<readonly ClusterEvent[]>[] =>
      render(events, options).map((part) => ({ events: part, payload: part })),
    connect,
    close,
    send: (parcel, client, ctx) => send(parcel.payload, ctx, client),
    ...(pace && { pace }),
  };
}

/** Each event in a parcel of its own. */
export function singly(events: readonly ClusterEvent[]): readonly (readonly ClusterEvent[])[] {
  return events.map((event) => [event]);
}

/** Events that differ in their version: 1, 2, 3, ... */
export function numberedEvents(count: number): readonly ClusterEvent[] {
  return Array.from({ length: count }, (_, index) =>
    sampleEvent({ metadata: { ...sampleKubeEvent.metadata, resourceVersion: String(index + 1) } }),
  );
}

/** The number of such an event. */
export function numberOf(event: ClusterEvent): number {
  return Number(event.resourceVersion);
}

/** A `send` that returns whatever it likes, or throws at once: what a sink does is not trusted. */
export function looseSend(send: () => unknown): ProbeBehaviour['send'] {
  if (!isSend(send)) throw new Error('a function was expected');
  return send;
}

function isSend(value: unknown): value is ProbeBehaviour['send'] {
  return typeof value === 'function';
}
