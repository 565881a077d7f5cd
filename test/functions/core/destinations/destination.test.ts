import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../../../functions/core/contract/config.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import {
  isHeldBySilences,
  mayBeSilenced,
  parseSecrets,
  parseSettings,
  problemText,
} from '../../../../functions/core/destinations/destination.ts';

const config = defineConfig({
  type: 'probe',
  title: 'Probe',
  chat: false,
  options: z.strictObject({
    target: field(z.string(), 'Where to.'),
    tls: field(z.optional(z.strictObject({ insecure: field(z.optional(z.boolean()), 'x') })), 'x'),
    routes: field(
      z._default(z.record(z.string(), z.union([z.string(), z.strictObject({ channel: field(z.string(), 'x') })])), {}),
      'x',
    ),
  }),
  secrets: z.strictObject({ token: field(secret(), 'A token.'), url: field(z.optional(secret()), 'A URL.') }),
  plainSecrets: ['url'],
  codes: {},
});

function problems(document: object): readonly string[] {
  const parsed = parseSettings(config, JSON.stringify({ target: 'x', ...document }));
  return 'problems' in parsed ? parsed.problems.map(({ field: name, message }) => `${name} ${message}`) : [];
}

describe('an unknown field', () => {
  it.each([
    [{ tarket: 'x' }, 'tarket is not a known field (did you mean target?)'],
    [{ Enabled: true }, 'Enabled is not a known field (did you mean enabled?)'],
    [{ tokens: 'x' }, 'tokens is not a known field (did you mean token?)'],
    [
      { nothing: 'x' },
      'nothing is not a known field (known: $schema, enabled, filter, repeats, target, tls, routes, token, url)',
    ],
    [{ filter: { mach: [] } }, 'filter.mach is not a known field (did you mean match?)'],
    [{ filter: { match: [{ reson: 'x' }] } }, 'filter.match[0].reson is not a known field (did you mean reason?)'],
    [
      { filter: { drop: [{ kind: 'Pod' }, { all: [{ namspace: 'x' }] }] } },
      'filter.drop[1].all[0].namspace is not a known field (did you mean namespace?)',
    ],
    [{ tls: { insecur: true } }, 'tls.insecur is not a known field (did you mean insecure?)'],
    [{ tls: { ca: 'x' } }, 'tls.ca is not a known field (known: insecure)'],
    [{ routes: { a: { channel: 'x', chanel: 'x' } } }, 'routes.a.chanel is not a known field (did you mean channel?)'],
    [{ routes: { 'a.b[c]': { channel: 'x', chanel: 'x' } } }, 'routes.a.b[c].chanel is not a known field'],
  ])('%j: %s', (document, message) => {
    expect(problems(document)).toEqual([message]);
  });

  it('of the secrets is one too', () => {
    const parsed = parseSecrets(config, '{"token":"a","tokn":"b","$schema":"x"}', {});
    expect(parsed).toEqual({ problems: [{ field: 'tokn', message: 'is not a known field (did you mean token?)' }] });
  });

  it('is not dropped for having an odd name', () => {
    const parsed = parseSettings(config, '{"target":"x","__proto__":{"target":"y"}}');
    expect(parsed).toMatchObject({ problems: [{ field: '__proto__' }] });
  });
});

describe('a document without the common fields', () => {
  const settingsOf = (document: object, chat = false) => {
    const parsed = parseSettings({ ...config, chat }, JSON.stringify({ target: 'x', ...document }));
    if ('problems' in parsed) throw new Error(problemText(parsed.problems));
    return parsed.value;
  };

  it('is enabled, and takes every event', () => {
    const { enabled, verdict } = settingsOf({});
    expect([enabled, verdict(sampleEvent({}))]).toEqual([true, 'pass']);
    expect(settingsOf({ enabled: false }).enabled).toBe(false);
  });

  it('repeats milestones to a chat, and everything to a store', () => {
    const again = { ...sampleEvent({ count: 5 }), previousCount: 4 };
    const verdicts = (document: object) => [true, false].map((chat) => settingsOf(document, chat).verdict(again));
    expect(verdicts({})).toEqual(['repeat', 'pass']);
    expect(verdicts({ repeats: 'all' })).toEqual(['pass', 'pass']);
    expect(verdicts({ repeats: 'first' })).toEqual(['repeat', 'repeat']);
  });

  it('is held by silences where it is a chat and does not say otherwise, and a store cannot be', () => {
    expect(settingsOf({}, true).silences).toBe(true);
    expect(settingsOf({ silences: false }, true).silences).toBe(false);
    expect(settingsOf({}).silences).toBe(false);
    expect(() => settingsOf({ silences: true })).toThrow('silences is not a known field');
  });

  it('is held by silences where its sink says so, chat or not', () => {
    const silenced = (chat: boolean, silences: boolean) => isHeldBySilences({ ...config, chat, silences });
    expect([silenced(false, true), silenced(true, false)]).toEqual([true, false]);
  });

  it('may name its schema, in either document', () => {
    expect(settingsOf({ $schema: './schema.json' }).options).toMatchObject({ target: 'x' });
    expect(parseSecrets(config, '{"$schema":"x","token":"t"}', {})).toHaveProperty('value');
  });

  it('gives what may be secret to the secrets', () => {
    const { plain } = settingsOf({ url: 'https://example.com' });
    expect(plain).toEqual({ url: 'https://example.com' });
    expect(parseSecrets(config, '{"token":"t"}', plain)).toMatchObject({ value: { url: expect.anything() } });
  });
});

it('several problems become one line', () => {
  const problems = [
    { field: '', message: 'is odd' },
    { field: 'a', message: 'is missing' },
  ];
  expect(problemText(problems)).toBe('is odd; a is missing');
});

describe('the document of a pager', () => {
  const pager = (document: object) => {
    const parsed = parseSettings({ ...config, pager: true }, JSON.stringify({ target: 'x', ...document }));
    if ('problems' in parsed) throw new Error(problemText(parsed.problems));
    return parsed.value;
  };
  const verdict = (document: object, event: object, previousCount = 0) =>
    pager(document).verdict({ ...sampleEvent(event), previousCount });

  it('without a filter takes what is critical at every repeat, and what ends it unless that comes for each pod', () => {
    const node = { kind: 'Node', name: 'node-1' };
    expect([verdict({}, {}), verdict({}, { count: 11 }, 10), verdict({}, { reason: 'Scheduled' })]).toEqual([
      'unmatched',
      'pass',
      'dropped',
    ]);
    expect(verdict({}, { reason: 'NodeReady', involvedObject: node })).toBe('pass');
    expect(pager({}).filter.match).toEqual([{ severity: ['critical'] }]);
  });

  it('with a filter takes what that says', () => {
    expect(verdict({ filter: {} }, {})).toBe('pass');
    expect(verdict({ filter: { match: [{ reason: 'BackOff' }] } }, { reason: 'Scheduled' })).toBe('unmatched');
  });

  it('is held by silences unless it says otherwise', () => {
    expect([pager({}).silences, pager({ silences: false }).silences]).toEqual([true, false]);
  });

  it('is held by silences but for what ends an incident, which wakes nobody', () => {
    const held = (document: object, reason: string) => mayBeSilenced(pager(document), sampleEvent({ reason }));

    expect([held({}, 'FailedScheduling'), held({}, 'Scheduled')]).toEqual([true, false]);
    expect(held({ silences: false }, 'FailedScheduling')).toBe(false);
    expect(mayBeSilenced({ silences: true }, sampleEvent({ reason: 'Scheduled' }))).toBe(true);
  });
});
