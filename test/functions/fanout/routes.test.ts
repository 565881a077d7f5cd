import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import type { Verdict } from '../../../functions/core/destinations/filter.ts';
import type { Entry } from '../../../functions/core/destinations/destinations.ts';
import { routeToAll, routeToOne } from '../../../functions/fanout/routes.ts';

const event = sampleEvent();

function ready(id: string, verdict: Verdict, enabled = true): [string, Entry] {
  const [type = '', name = ''] = id.split('/');
  const destination = { id, type, name, version: '1', enabled, options: {}, secrets: undefined, secretValues: [] };
  return [id, { state: 'ready', destination: { ...destination, verdict: () => verdict } }];
}

const broken = (id: string): [string, Entry] => [id, { state: 'invalid', detail: 'x is not a known field' }];

describe('an event for all', () => {
  it('goes to every enabled destination that takes it', () => {
    const set = new Map([
      ready('log/a', 'pass'),
      ready('log/b', 'unmatched'),
      ready('log/c', 'pass', false),
      broken('log/d'),
      ready('webhook/e', 'pass'),
    ]);
    expect(routeToAll(event, set)).toEqual({ to: ['log/a', 'webhook/e'] });
  });

  it('that nobody takes is unmatched, unless a disabled destination would', () => {
    expect(routeToAll(event, new Map())).toEqual({ filtered: 'unmatched' });
    expect(routeToAll(event, new Map([ready('log/a', 'dropped'), broken('log/b')]))).toEqual({ filtered: 'unmatched' });
    expect(routeToAll(event, new Map([ready('log/a', 'repeat'), ready('log/b', 'pass', false)]))).toEqual({
      filtered: 'disabled',
    });
    expect(routeToAll(event, new Map([ready('log/a', 'repeat', false)]))).toEqual({ filtered: 'unmatched' });
  });
});

describe('an event for one', () => {
  const set = new Map([
    ready('log/a', 'pass'),
    ready('log/b', 'repeat'),
    ready('log/c', 'pass', false),
    broken('log/d'),
  ]);

  it.each([
    ['log/a', { to: ['log/a'] }],
    ['log/b', { filtered: 'repeat' }],
    ['log/c', { filtered: 'disabled' }],
    ['log/d', { to: ['log/d'] }],
    ['log/e', { missing: 'log/e' }],
  ])('%s: %j', (id, route) => {
    expect(routeToOne(event, id, set)).toEqual(route);
  });
});
