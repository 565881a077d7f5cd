import { randomUUID } from 'node:crypto';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';

/** An event of this instant, like no other, that says it is a test. @param note who tests what, for those who read it */
export function testEvent(now: Date, note = 'somebody tests this destination'): KubeEvent {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  return {
    ...sampleKubeEvent,
    metadata: { ...sampleKubeEvent.metadata, uid: randomUUID(), name: 'kube-courier-test', creationTimestamp: time },
    message: `kube-courier test: nothing is wrong, ${note}`,
    firstTimestamp: time,
    lastTimestamp: time,
  };
}
