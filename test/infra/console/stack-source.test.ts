import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import type { Observation } from '../../../infra/console/source.ts';
import { createKept } from '../../../infra/console/stack-source/kept.ts';
import { createStackSource } from '../../../infra/console/stack-source/stack-source.ts';
import { createCloudFormation } from '../../../infra/ops/aws/clients.ts';
import { findStack } from '../../../infra/ops/aws/stack.ts';
import { sink as logSink } from '../../../functions/sinks/log/sink.ts';
import { startAws, type Aws } from '../../support/aws/aws.ts';

const event = sampleEvent();
let aws: Aws;

beforeEach(async () => {
  const relay = { cluster: 'prod', identity: 'none', namespace: 'kube-courier', serviceAccount: 'kube-courier-relay' };
  aws = await startAws({ sinks: ['log', 'webhook'], outputs: { Relay1: JSON.stringify(relay) } });
});

afterEach(() => aws.stop());

async function source() {
  const deployed = await findStack(createCloudFormation(), 'kube-courier');
  if (!deployed) throw new Error('the stack is not there');
  return createStackSource(deployed);
}

describe('of a deployed stack, the console', () => {
  it('sees events as a log destination writes them, and what functions say of those that failed', async () => {
    const [{ payload } = { payload: '' }] = logSink.render([event], { format: 'json' });
    const failure = { level: 'warn', sink: 'webhook', destination: 'webhook/team', event: event.id, attempts: 3 };
    aws.log(payload, Date.now() - 2000);
    aws.log(
      JSON.stringify({ ...failure, message: 'an event is to be retried', code: 'http_503', detail: 'busy' }),
      Date.now() - 1000,
    );
    const seen: Observation[] = [];
    const ended = new AbortController();
    const following = (await source()).follow((some) => void seen.push(...some), ended.signal);
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    ended.abort();
    await following;

    const [first, second] = seen;
    expect(first).toMatchObject({ kind: 'event', event: { id: event.id, reason: event.reason } });
    expect(second).toMatchObject({
      kind: 'delivery',
      eventId: event.id,
      destination: 'webhook/team',
      attempt: { status: 'retrying', code: 'http_503', detail: 'busy' },
    });
  });

  it('shows queues and clusters, and what needs somebody with the command for it', async () => {
    aws.turn('webhook', 'Disabled');
    aws.age(aws.consumer('log').queueUrl, 90);
    const { stages, clusters, ledger } = await (await source()).flow();

    expect(stages.map(({ owner }) => owner)).toEqual(['router', 'log', 'webhook']);
    expect(stages[1]).toMatchObject({ unit: 'messages', oldestSeconds: 90, isPaused: false, problems: [] });
    expect(stages[2]).toMatchObject({
      isPaused: true,
      problems: ['paused (Disabled): npm run -s ops -- resume webhook'],
    });
    expect(clusters).toEqual([{ cluster: 'prod', problems: ['no heartbeat in the last 15m: is its relay running?'] }]);
    expect(ledger).toBeUndefined();
  });

  it('says what it cannot do, and what can', async () => {
    const found = await source();
    const { about } = found;

    expect(about).toMatchObject({ kind: 'stack', title: 'stack kube-courier in us-east-1', sinks: ['log', 'webhook'] });
    expect(about.cannot.ledger?.command).toBe('npm run -s ops -- status');
    expect(about.cannot.receiver).toBeDefined();
    expect(Object.keys(found)).not.toContain('earlier');
    expect(Object.keys(found)).not.toContain('receiver');
  });
});

describe('what is kept for a while', () => {
  it('is read once for all who ask meanwhile, and again after its time or a failure', async () => {
    let now = 0;
    let reads = 0;
    let isBroken = false;
    const kept = createKept(
      async () => {
        reads += 1;
        if (isBroken) throw new Error('AWS is away');
        return reads;
      },
      1000,
      () => now,
    );

    expect(await Promise.all([kept(), kept()])).toEqual([1, 1]);
    now = 999;
    expect(await kept()).toBe(1);
    now = 1000;
    isBroken = true;
    await expect(kept()).rejects.toThrow('AWS is away');
    isBroken = false;
    expect(await kept()).toBe(3);
  });
});
