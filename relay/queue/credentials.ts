import { codeOf, messageOf } from '../../functions/core/contract/untrusted.ts';
import { retryDelayMs } from '../wait.ts';

/** Credentials as the SDK's providers give them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Until when they hold; for ever without. */
  readonly expiration?: Date;
}

/** Who gives credentials. */
export interface CredentialSource {
  /** Asks anew. */
  ask(): Promise<AwsCredentials>;
  /** Who was asked last, for people. */
  name(): string;
}

/** The credentials of now. */
export interface Credentials {
  /** @throws {CredentialsError} */
  get(): Promise<AwsCredentials>;
  /** The queue has taken what was signed with them. */
  accepted(): void;
  /** The queue refuses these. Gives whether `get` now gives others. */
  refused(used: AwsCredentials): boolean;
}

/** There are no credentials. The message is a sentence that names who did not give them. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
  /** Tells one reason from another. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const ASK_LIMIT_MS = 10_000;
/** New credentials are asked for while this is left of the old ones, */
const EARLY_MS = 5 * 60_000;
/** no more often than this; and ones this young are used whatever this machine's clock says of them. */
const ASK_AGAIN_MS = 10_000;
/** While all are refused, new ones are asked for at once, then after pauses that grow from the first to the second. */
const REFUSED_BASE_MS = 1000;
const REFUSED_CAP_MS = 60_000;

/**
 * Keeps credentials until they are about to expire or are refused. A source that does not answer costs `limitMs`, and is
 * asked anew the next time.
 */
export function createCredentials(source: CredentialSource, limitMs: number = ASK_LIMIT_MS): Credentials {
  let current: AwsCredentials | undefined;
  let asking: Promise<AwsCredentials> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** How many credentials were refused since some were accepted. */
  let refused = 0;

  function ask(): Promise<AwsCredentials> {
    asking ??= askOnce().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function askOnce(): Promise<AwsCredentials> {
    askedAt = performance.now();
    try {
      current = await within(source.ask(), limitMs);
      return current;
    } catch (error) {
      throw errorOf(error, source.name());
    }
  }

  return {
    async get() {
      if (current === undefined) return ask();
      const leftMs = current.expiration === undefined ? Infinity : current.expiration.getTime() - Date.now();
      if (leftMs > EARLY_MS || performance.now() - askedAt < ASK_AGAIN_MS) return current;
      const next = ask();
      if (leftMs <= 0) return next;
      next.catch(() => {
        // The old ones still hold; what is wrong is said when they do not.
      });
      return current;
    },
    accepted() {
      refused = 0;
    },
    refused(used) {
      if (current !== used) return true;
      if (performance.now() - askedAt < retryDelayMs(refused, REFUSED_BASE_MS, REFUSED_CAP_MS)) return false;
      refused += 1;
      current = undefined;
      return true;
    },
  };
}

function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(Object.assign(new Error(`no answer within ${limitMs / 1000} s`), { code: 'ETIMEDOUT' }));
    }, limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function errorOf(error: unknown, name: string): CredentialsError {
  const code = codeOf(error) || (error instanceof Error ? error.name : 'unknown');
  // The command line of a `credential_process` may hold a secret.
  const isCommand = messageOf(error).startsWith('Command failed');
  const detail = isCommand ? 'its credential_process failed' : (messageOf(error).split('\n')[0] ?? '').slice(0, 200);
  if (code === 'ETIMEDOUT' || code === 'TimeoutError') {
    return new CredentialsError('credentials_timeout', `no AWS credentials: ${name} does not answer`, error);
  }
  return new CredentialsError(code, `no AWS credentials: ${name} gives none (${code}: ${detail})`, error);
}
