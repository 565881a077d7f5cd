import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kube, startKube, type KubeService } from '../support/services/kube.ts';
import { requireService } from '../support/services/service.ts';

const START = join(import.meta.dirname, '../../localstack/start.ts');

describe.runIf(requireService(kube))('npm start with a real cluster', () => {
  let folder: string;
  let service: KubeService;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-courier-start-test-'));
    service = await startKube();
  });

  afterAll(async () => {
    if (child?.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    await service?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('delivers its events as they are created, and sums up when interrupted', async () => {
    const kubeconfig = join(folder, 'kubeconfig');
    await service.writeKubeconfig(kubeconfig);
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const api = config.makeApiClient(CoreV1Api);
    const create = (name: string) =>
      api.createNamespacedEvent({
        namespace: 'default',
        body: {
          metadata: { name },
          involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
          type: 'Warning',
          reason: 'BackOff',
          message: `message of ${name}`,
          lastTimestamp: new Date(),
        },
      });
    await create('before');

    const started = spawn(process.execPath, [START, '--kubeconfig', kubeconfig], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    const exited = once(started, 'exit');
    const stderr = text(started.stderr);
    const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
    // The API server has events of its own to tell.
    const seen = async (text: string): Promise<string> => {
      for (;;) {
        const { value = '', done } = await lines.next();
        if (done || value.includes(text)) return value;
      }
    };
    expect(await seen('message of before')).toContain('test Warning BackOff Pod default/web: message of before');
    await create('live');
    expect(await seen('message of live')).not.toBe('');
    started.kill('SIGINT');

    expect(await exited).toEqual([0, null]);
    expect(await stderr).toMatch(
      /seen (\d+) = delivered \1 \+ filtered 0 \+ dead-lettered 0 \+ waiting 0 \(it adds up\)/,
    );
  });
});
