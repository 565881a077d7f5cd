import * as z from 'zod/mini';
import { parseWith } from '../../../functions/core/contract/config.ts';
import { problemText } from '../../../functions/core/destinations/destination.ts';
import {
  BEHAVIOURS,
  type CheckRequest,
  type RollbackRequest,
  type SaveRequest,
  type SilenceRequest,
  type TestRequest,
} from '../contract.ts';
import { Refusal } from './refusal.ts';

const text = () => z.string();
const name = () => z.string().check(z.minLength(1), z.maxLength(300));

export const checkRequest: z.ZodMiniType<CheckRequest> = z.strictObject({ id: name(), text: text() });
export const saveRequest: z.ZodMiniType<SaveRequest> = z.strictObject({ id: name(), text: text(), basedOn: text() });
export const rollbackRequest: z.ZodMiniType<RollbackRequest> = z.strictObject({ id: name(), version: name() });
export const testRequest: z.ZodMiniType<TestRequest> = z.strictObject({ id: name() });
export const replayRequest = z.strictObject({
  owner: name(),
  code: z.optional(name()),
  destination: z.optional(name()),
  dryRun: z.boolean(),
});
export const silenceRequest: z.ZodMiniType<SilenceRequest> = z.strictObject({
  name: name(),
  minutes: z.number().check(z.positive()),
  why: text(),
  by: text(),
  match: z.record(name(), text()),
});
export const receiverRequest = z.strictObject({ behaviour: z.enum(BEHAVIOURS) });

/** What a body asks for. @throws {Refusal} that names every mistake. */
export function parseRequest<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  const parsed = parseWith(schema, body);
  if ('value' in parsed) return parsed.value;
  throw new Refusal(400, problemText(parsed.problems));
}

/** A parameter of the address. @throws {Refusal} where it is missing. */
export function parameter(query: URLSearchParams, key: string): string {
  const value = query.get(key);
  if (value) return value;
  throw new Refusal(400, `${key} is missing in the address`);
}
