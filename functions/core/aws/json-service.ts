import type http from 'node:http';
import { createRedactor } from '../contract/redaction.ts';
import { recordOf, textOf } from '../contract/untrusted.ts';
import { exchange, type ExchangeAnswer, type ExchangeLimits } from './exchange.ts';
import { secretsOfKey } from './secrets.ts';
import { signedHeaders, type AwsKey } from './signature.ts';

/** The services that are called without the SDK's clients, and how each is spoken to: AWS' JSON protocol in two versions. */
const SERVICES = {
  sqs: { target: 'AmazonSQS', contentType: 'application/x-amz-json-1.0' },
  ssm: { target: 'AmazonSSM', contentType: 'application/x-amz-json-1.1' },
} as const;
export type ServiceName = keyof typeof SERVICES;

/** A service at one address. */
export interface ServicePlace {
  readonly name: ServiceName;
  readonly url: URL;
  /** That of signatures. */
  readonly region: string;
  readonly agent: http.Agent;
  /** More that its answers must not repeat, besides the key and the signature of the request. */
  readonly secrets?: readonly string[];
}

/** What went wrong with a call, as the service names it. */
export interface Fault {
  /** Such as `QueueDoesNotExist`; `http_<status>` where the answer has no name. */
  readonly name: string;
  readonly message: string;
}

export interface JsonAnswer {
  readonly status: number;
  /** As it came: an answer to a call that was understood. */
  readonly text: string;
  /** Without what it repeats of the request's secrets; undefined with status 200. */
  readonly fault: Fault | undefined;
  /** Whether the fault's time has shown that this machine's clock is off by other than was thought: the next call allows for it. */
  readonly isClockNews: boolean;
  /** Strikes the request's secrets out of a part of the answer. */
  readonly clean: (text: string) => string;
}

/** One attempt of a call. @throws {Error} as {@link exchange} does. */
export type JsonCall = (operation: string, body: string, key: AwsKey, limits: ExchangeLimits) => Promise<JsonAnswer>;

/** AWS itself tolerates five minutes. */
const CLOCK_TOLERANCE_MS = 2 * 60_000;

/** Signed calls of a service. The relay and the functions make theirs with it (DESIGN.md, "Small relay"). */
export function jsonService({ name, url, region, agent, secrets = [] }: ServicePlace): JsonCall {
  const { target, contentType } = SERVICES[name];
  // Its own: a signature is made for each call, and hundreds of them would push out what another redactor knows.
  const redactor = createRedactor();
  redactor.use(secrets);
  /** How far this machine's clock is off, learnt from answers: signatures are valid for five minutes only. */
  let clockOffsetMs = 0;

  return async (operation, body, key, limits) => {
    const headers = signedHeaders(
      {
        method: 'POST',
        url,
        headers: { host: url.host, 'content-type': contentType, 'x-amz-target': `${target}.${operation}` },
        body,
      },
      { service: name, region, key, date: new Date(Date.now() + clockOffsetMs) },
    );
    const answer = await exchange({
      url,
      agent,
      method: 'POST',
      headers: { ...headers, 'user-agent': 'kube-courier', 'content-length': Buffer.byteLength(body) },
      body,
      ...limits,
    });
    const clean = (text: string): string => {
      for (const secret of [...secretsOfKey(key), headers['authorization'] ?? '']) redactor.conceal(secret);
      return redactor.redact(text);
    };
    const { status, text } = answer;
    if (status === 200) return { status, text, fault: undefined, isClockNews: false, clean };
    return { status, text, fault: faultOf(answer, clean), isClockNews: noteClock(answer.headers.date), clean };
  };

  function noteClock(date: string | undefined): boolean {
    const before = clockOffsetMs;
    const offset = Date.parse(date ?? '') - Date.now();
    clockOffsetMs = Math.abs(offset) > CLOCK_TOLERANCE_MS ? offset : 0;
    return Math.abs(clockOffsetMs - before) > CLOCK_TOLERANCE_MS;
  }
}

/** The error of an answer: its short name stands in the body, or in a header. */
function faultOf({ status, text, headers }: ExchangeAnswer, clean: (text: string) => string): Fault {
  const { __type, message, Message } = recordOf(parseOr(clean(text)));
  const name = textOf(__type) || clean(textOf(headers['x-amzn-errortype']));
  const short = faultName(name.split('#').at(-1)?.split(':')[0]);
  return { name: short === '' ? `http_${status}` : short, message: textOf(message) || textOf(Message) };
}

/** The name of a fault, empty where the text is none: it becomes a metric's label. */
export function faultName(text: unknown): string {
  const name = textOf(text);
  return /^[\w.-]{1,100}$/.test(name) ? name : '';
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
