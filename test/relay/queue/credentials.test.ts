import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { messageOf } from '../../../functions/core/contract/untrusted.ts';
import { type AwsCredentials, createCredentials, type CredentialSource } from '../../../relay/queue/credentials.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Gives a key that counts how often it was asked, for `lifeMs`, unless told what to do instead. */
function scripted(lifeMs?: number) {
  let asked = 0;
  let instead: (() => Promise<AwsCredentials>) | undefined;
  const source: CredentialSource = {
    name: () => 'AWS STS',
    async ask() {
      asked += 1;
      if (instead !== undefined) return instead();
      const expiration = lifeMs === undefined ? {} : { expiration: new Date(Date.now() + lifeMs) };
      return { accessKeyId: `key ${asked}`, secretAccessKey: 's', ...expiration };
    },
  };
  return {
    source,
    asked: () => asked,
    answer: (next: (() => Promise<AwsCredentials>) | undefined): void => {
      instead = next;
    },
  };
}

const never = (): Promise<never> => new Promise(() => {});
const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('credentials are asked for', () => {
  test('once, by all who want them at the same time', async () => {
    const { source, asked } = scripted();
    const credentials = createCredentials(source);
    const all = await Promise.all([credentials.get(), credentials.get(), credentials.get()]);
    await vi.advanceTimersByTimeAsync(100 * HOUR);
    all.push(await credentials.get());
    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['key 1', 'key 1', 'key 1', 'key 1']);
    expect(asked()).toBe(1);
  });

  test('anew before they expire, while the old ones still serve', async () => {
    const { source } = scripted(HOUR);
    const credentials = createCredentials(source);
    const keyAt = async (ms: number): Promise<string> => {
      await vi.advanceTimersByTimeAsync(ms);
      return (await credentials.get()).accessKeyId;
    };
    expect(await keyAt(0)).toBe('key 1');
    expect(await keyAt(54 * MINUTE)).toBe('key 1');
    expect(await keyAt(2 * MINUTE)).toBe('key 1');
    expect(await keyAt(1)).toBe('key 2');
  });

  test('no more than every ten seconds while that fails, and the old ones serve to their end', async () => {
    const { source, asked, answer } = scripted(HOUR);
    const credentials = createCredentials(source);
    await credentials.get();
    answer(() => Promise.reject(new Error('no')));
    await vi.advanceTimersByTimeAsync(56 * MINUTE);
    for (let i = 0; i < 200; i += 1) {
      expect((await credentials.get()).accessKeyId).toBe('key 1');
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(asked()).toBe(1 + 20);
    await vi.advanceTimersByTimeAsync(MINUTE);
    await expect(credentials.get()).rejects.toThrow('no AWS credentials: AWS STS gives none');
  });

  test("not at each call by a relay whose clock is an hour ahead of AWS'", async () => {
    const { source, asked } = scripted(-HOUR);
    const credentials = createCredentials(source);
    for (let i = 0; i < 60; i += 1) {
      await credentials.get();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(asked()).toBe(6);
  });
});

describe('a source that never answers', () => {
  test('costs its limit, is named, and is asked anew each time', async () => {
    const { source, asked, answer } = scripted();
    answer(never);
    const credentials = createCredentials(source, 5000);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const failed = credentials.get().catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(5000);
      expect(await failed).toMatchObject({
        code: 'credentials_timeout',
        message: 'no AWS credentials: AWS STS does not answer',
      });
      expect(asked()).toBe(attempt);
    }
    answer(undefined);
    expect((await credentials.get()).accessKeyId).toBe('key 4');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has ten seconds where nothing else is said', async () => {
    const { source, answer } = scripted();
    answer(never);
    let failure = '';
    createCredentials(source)
      .get()
      .catch((error: unknown) => (failure = messageOf(error)));
    await vi.advanceTimersByTimeAsync(9999);
    expect(failure).toBe('');
    await vi.advanceTimersByTimeAsync(1);
    expect(failure).toBe('no AWS credentials: AWS STS does not answer');
  });

  test('does not hold up those who still have credentials', async () => {
    const { source, answer } = scripted(HOUR);
    const credentials = createCredentials(source, 5000);
    await credentials.get();
    answer(never);
    await vi.advanceTimersByTimeAsync(56 * MINUTE);
    expect((await credentials.get()).accessKeyId).toBe('key 1');
  });
});

describe('refused credentials', () => {
  test('are asked for anew at once, once, however many calls were refused', async () => {
    const { source, asked } = scripted();
    const credentials = createCredentials(source);
    const used = await credentials.get();
    expect([credentials.refused(used), credentials.refused(used), credentials.refused(used)]).toEqual([
      true,
      true,
      true,
    ]);
    const [a, b] = await Promise.all([credentials.get(), credentials.get()]);
    expect([a.accessKeyId, b.accessKeyId, asked()]).toEqual(['key 2', 'key 2', 2]);
    expect(credentials.refused(used)).toBe(true);
    expect((await credentials.get()).accessKeyId).toBe('key 2');
  });

  test.each([1, 10])(
    'again and again are asked for anew after pauses up to a minute, at %d calls a second',
    async (perSecond) => {
      vi.spyOn(Math, 'random').mockReturnValue(1);
      const { source, asked } = scripted();
      const credentials = createCredentials(source);
      const askedAt: number[] = [];
      for (let call = 0; call < 300 * perSecond; call += 1) {
        const used = await credentials.get();
        if (asked() > askedAt.length) askedAt.push(call / perSecond);
        credentials.refused(used);
        await vi.advanceTimersByTimeAsync(1000 / perSecond);
      }
      const pauses = askedAt.slice(1).map((at, index) => Math.round(at - (askedAt[index] ?? 0) - 1 / perSecond));
      expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60, 60].slice(0, pauses.length));
      expect(pauses.length).toBeGreaterThan(7);
    },
  );

  test('that were accepted in between are asked for at once again', async () => {
    const { source } = scripted();
    const credentials = createCredentials(source);
    for (let i = 0; i < 10; i += 1) {
      const used = await credentials.get();
      credentials.accepted();
      expect(credentials.refused(used)).toBe(true);
    }
    expect((await credentials.get()).accessKeyId).toBe('key 11');
  });
});

test('what a source says of its fault is told, in a line of bounded length', async () => {
  const { source, answer } = scripted();
  answer(() => Promise.reject(Object.assign(new Error(`first ${'x'.repeat(1000)}\nsecond`), { name: 'AccessDenied' })));
  const error: unknown = await createCredentials(source)
    .get()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'AccessDenied' });
  expect(messageOf(error)).toMatch(/^no AWS credentials: AWS STS gives none \(AccessDenied: first x+\)$/);
  expect(messageOf(error).length).toBeLessThan(300);
});
