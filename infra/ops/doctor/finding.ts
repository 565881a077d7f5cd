import { OpsError } from '../command.ts';
import { failureText } from '../failure.ts';

/** `skipped`: nobody knows, because it could not be looked at, or was not asked for. */
export type State = 'ok' | 'warn' | 'fail' | 'skipped';

/** What a check has found. */
export interface Finding {
  readonly state: State;
  /** What is so, as a sentence. */
  readonly said: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function ok(said: string): Finding {
  return { state: 'ok', said };
}

export function warn(said: string, advice: string): Finding {
  return { state: 'warn', said, advice };
}

export function fail(said: string, advice: string): Finding {
  return { state: 'fail', said, advice };
}

export function skipped(said: string, advice: string): Finding {
  return { state: 'skipped', said, advice };
}

/** The identity that asks may not. */
class DeniedError extends Error {
  override readonly name = 'DeniedError';
  /** The permission that is missing, such as `sns:ListSubscriptionsByTopic`. */
  readonly action: string;

  constructor(action: string, cause: unknown) {
    super(`not allowed: ${action}`, { cause });
    this.action = action;
  }
}

/** What AWS answers. Rejects by the missing permission's name where it is not allowed to ask: services name it differently, or not at all. */
export async function allowed<T>(action: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (
      error instanceof Error &&
      /AccessDenied|NotAuthorized|AuthorizationError|UnauthorizedOperation/.test(error.name)
    )
      throw new DeniedError(action, error);
    throw error;
  }
}

/** Not in every partition, and in no emulator, is every operation there. */
const NOT_THERE =
  /^(UnknownOperation(Exception)?|UnsupportedOperation|InvalidAction|NotImplemented)$|not (yet )?(been )?implemented/i;

/** Looks at several things one after the other: where one cannot be looked at, the others are; where one may not be, none may. */
export async function findingsOfEach<T extends { readonly cluster: string }>(
  all: readonly T[],
  look: (one: T) => Promise<Finding>,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const one of all) {
    try {
      found.push(await look(one));
    } catch (error) {
      if (error instanceof DeniedError) throw error;
      const finding = findingOf(error);
      found.push({ ...finding, said: `${one.cluster}: ${finding.said}` });
    }
  }
  return found;
}

/** What a failed look means: only what may not be asked for is nobody's fault. */
export function findingOf(error: unknown): Finding {
  if (error instanceof DeniedError)
    return skipped(`could not look: your identity may not call ${error.action}`, `allow ${error.action} and repeat`);
  if (error instanceof Error && (NOT_THERE.test(error.name) || NOT_THERE.test(error.message)))
    return skipped(`could not look: ${error.name}`, 'this endpoint does not have what was asked for');
  if (error instanceof OpsError) return { state: 'fail', said: error.message };
  return fail(`could not look: ${failureText(error)}`, 'repeat the command; what is not known may be wrong');
}
