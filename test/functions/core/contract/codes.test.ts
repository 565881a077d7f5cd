import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeDoc, commonCodes } from '../../../../functions/core/contract/codes.ts';
import { classify, transportFailure } from '../../../../functions/core/kit/http.ts';
import { expectDocumented } from '../../../support/documented-codes.ts';

const functions = join(import.meta.dirname, '../../../../functions');
const none = { codes: {} };

describe('what a code means', () => {
  it('is said by the code alone, a class standing for those without an entry of their own', () => {
    expect(Object.keys(commonCodes).filter((code) => !/^[a-z0-9_]+$/.test(code))).toEqual([]);
    expect(codeDoc('http_429')?.advice).toMatch(/^Nothing, unless it lasts: then send less/);
    expect(codeDoc('http_418')).toBe(commonCodes['http_4xx']);
    expect(codeDoc('http_503')).toBe(commonCodes['http_5xx']);
    expect(codeDoc('http_501')).not.toBe(commonCodes['http_5xx']);
    expect(codeDoc('http_4181')).toBeUndefined();
    expect(codeDoc('no_such_code')).toBeUndefined();
  });

  it('is said by the sink first', () => {
    const own = { status: 'retry', meaning: 'Tea.', advice: 'Drink.' } as const;

    expect(codeDoc('http_418', { http_418: own })).toBe(own);
    expect(codeDoc('timeout', { http_418: own })).toBe(commonCodes['timeout']);
  });

  it('is known for every status of HTTP, with the outcome that the status has', () => {
    const outcomes = Array.from({ length: 1000 }, (_, status) =>
      classify({ status, headers: {}, body: '' }, new Date()),
    );

    expectDocumented(none, outcomes);
  });

  it('is known for whatever a socket fails with', () => {
    const errors = ['ETIMEDOUT', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'EPIPE', 'ECONNABORTED'];
    const codes = [...errors, 'ERR_INVALID_URL', 'ERR_BAD_RESPONSE', 'CERT_HAS_EXPIRED', 'EHOSTUNREACH', ''].map(
      (error) => transportFailure(error)[0],
    );

    expect(codes.filter((code) => codeDoc(code)?.status !== 'retry')).toEqual([]);
  });

  it('is known for every code that the shared layers write', () => {
    const sources = globSync(['core/{runtime,destinations,kit}/*.ts', 'fanout/*.ts'], { cwd: functions })
      .map((file) => readFileSync(join(functions, file), 'utf8'))
      .join('\n');
    const written = [
      ...sources.matchAll(/\bretry\(\s*'(\w+)'/g),
      ...sources.matchAll(/\brejected\(\s*'\w+',\s*'(\w+)'/g),
      ...sources.matchAll(/\bMessageError\('(\w+)'/g),
      ...sources.matchAll(/\bletter\(router, (?:\w+|\{[^}]*\}), '(\w+)'/g),
    ].map(([, code = '']) => code);

    expect(written.length).toBeGreaterThan(8);
    expect(written.filter((code) => codeDoc(code) === undefined)).toEqual([]);
  });
});
