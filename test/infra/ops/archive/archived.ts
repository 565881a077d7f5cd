import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { clusterEvent, type ClusterEvent, type KubeEvent } from '../../../../functions/core/contract/event.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { sink } from '../../../../functions/sinks/s3/sink.ts';

/** An event of a test: number, time, and what else it is to be. */
export function eventAt(number: number, lastTimestamp: string, fields: KubeEvent = {}, cluster = 'prod'): ClusterEvent {
  const event = {
    ...sampleKubeEvent,
    ...fields,
    lastTimestamp,
    metadata: { ...sampleKubeEvent.metadata, uid: `u${number}`, resourceVersion: String(number) },
  };
  return clusterEvent({ cluster, seenAt: lastTimestamp, change: 'added', event });
}

/** The object that the sink makes of a batch, for each hour of it. */
export function objectsOf(batch: readonly ClusterEvent[]): readonly { readonly key: string; readonly bytes: Buffer }[] {
  return sink
    .render(batch, { bucket: 'example', prefix: 'events' })
    .map(({ payload }) => ({ key: payload.Key, bytes: gzipSync(payload.text) }));
}

/** Writes batches into a folder, as an archive without its prefix. */
export async function archiveInto(folder: string, ...batches: readonly (readonly ClusterEvent[])[]): Promise<void> {
  for (const { key, bytes } of batches.flatMap(objectsOf)) {
    const file = join(folder, key.replace(/^events\//, ''));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
