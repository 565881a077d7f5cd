import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import type { Verdict } from '../../../functions/core/destinations/filter.ts';
import type { Entry } from '../../../functions/core/destinations/destinations.ts';
import type { Silence } from '../../../functions/core/destinations/silence.ts';
import { routeToAll, routeToOne } from '../../../functions/fanout/routes.ts';

const event = sampleEvent();

function ready(id: string, verdict: Verdict, enabled = true): [string, Entry] {
  const [type = '', name = ''] = id.split('/');
  const silences = type === 'wechat';
  const destination = {
    id,
    type,
    name,
    version: '1',
    enabled,
    silences,
    options: {},
    secrets: undefined,
    secretValues: [],
  };
  return [id, { state: 'ready', destination: { ...destination, verdict: () => verdict } }];
}

const silence: Silence = { name: 'rollout', until: 0, why: 'a rollout', by: 'alice', match: [], covers: () => true };
const none = () => undefined;

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
    expect(routeToAll(event, set, none)).toEqual({ to: ['log/a', 'webhook/e'], held: [] });
  });

  it('that nobody takes is unmatched, unless a disabled destination would', () => {
    expect(routeToAll(event, new Map(), none)).toEqual({ filtered: 'unmatched' });
    expect(routeToAll(event, new Map([ready('log/a', 'dropped'), broken('log/b')]), none)).toEqual({
      filtered: 'unmatched',
    });
    expect(routeToAll(event, new Map([ready('log/a', 'repeat'), ready('log/b', 'pass', false)]), none)).toEqual({
      filtered: 'disabled',
    });
    expect(routeToAll(event, new Map([ready('log/a', 'repeat', false)]), none)).toEqual({ filtered: 'unmatched' });
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
    ['log/a', { to: ['log/a'], held: [] }],
    ['log/b', { filtered: 'repeat' }],
    ['log/c', { filtered: 'disabled' }],
    ['log/d', { to: ['log/d'], held: [] }],
    ['log/e', { missing: 'log/e' }],
  ])('%s: %j', (id, route) => {
    expect(routeToOne(event, id, set, none)).toEqual(route);
  });
});

describe('an event that a silence holds', () => {
  const set = new Map([
    ready('wechat/a', 'pass'),
    ready('wechat/b', 'unmatched'),
    ready('wechat/c', 'pass', false),
    ready('wechat/d', 'pass'),
    ready('log/e', 'pass'),
  ]);

  it('goes to those destinations that silences do not hold, and is held once for each other that would get it', () => {
    expect(routeToAll(event, set, () => silence)).toEqual({ to: ['log/e'], held: ['rollout', 'rollout'] });
  });

  it('is held as well where all its destinations are', () => {
    expect(routeToAll(event, new Map([ready('wechat/a', 'pass')]), () => silence)).toEqual({
      to: [],
      held: ['rollout'],
    });
  });

  it('goes to a pager all the same where it ends an incident', () => {
    const [id, entry] = ready('wechat/a', 'pass');
    if (entry.state !== 'ready') throw new Error('it is ready');
    const pager: Entry = { ...entry, destination: { ...entry.destination, pager: true } };
    const to = (reason: string) => routeToAll(sampleEvent({ reason }), new Map([[id, pager]]), () => silence);

    expect(to('Scheduled')).toEqual({ to: [id], held: [] });
    expect(to('FailedScheduling')).toEqual({ to: [], held: ['rollout'] });
  });

  it('for one destination is held there, or goes there, or is filtered as without', () => {
    const routeTo = (id: string) => routeToOne(event, id, set, () => silence);
    expect(routeTo('wechat/a')).toEqual({ to: [], held: ['rollout'] });
    expect(routeTo('log/e')).toEqual({ to: ['log/e'], held: [] });
    expect(routeTo('wechat/b')).toEqual({ filtered: 'unmatched' });
    expect(routeTo('wechat/c')).toEqual({ filtered: 'disabled' });
  });

  it('is not asked about where nothing could hold it', () => {
    const asked = () => {
      throw new Error('asked');
    };
    expect(routeToAll(event, new Map([ready('log/e', 'pass')]), asked)).toEqual({ to: ['log/e'], held: [] });
  });
});
