import { describe, expect, it } from 'vitest';
import { hintFor, knownReasons } from '../../../../functions/core/chat/hints.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';

describe('hints', () => {
  const text = (reason: string, message: string) => hintFor(sampleEvent({ reason, message }))?.text.en ?? '';

  it('tell the cases of one reason apart by the message', () => {
    expect(text('BackOff', 'Back-off pulling image "nginx:typo"')).toMatch(/cannot be pulled/);
    expect(text('BackOff', 'Back-off restarting failed container api')).toMatch(/keeps exiting/);
    expect(text('Failed', 'Error: ImagePullBackOff')).toMatch(/cannot be pulled/);
    expect(text('Failed', 'Error: secret "db" not found')).toMatch(/does not exist/);
    expect(text('Failed', 'Error: failed to create containerd task: exec: "run": not found')).toMatch(
      /could not be started/,
    );
    expect(text('Unhealthy', 'Liveness probe failed: HTTP 500')).toMatch(/liveness/);
    expect(text('Unhealthy', 'Readiness probe failed: HTTP 503')).toMatch(/readiness/);
    expect(text('FailedScheduling', '0/3 nodes are available: 3 Insufficient memory.')).toMatch(/No node has room/);
    expect(text('FailedScheduling', '0/3 nodes are available: 3 node(s) had untolerated taint')).toMatch(/tolerations/);
    expect(text('FailedCreate', 'pods "x" is forbidden: exceeded quota: team')).toMatch(/ResourceQuota/);
  });

  it('exist in both languages for every known reason, and for no other', () => {
    for (const reason of knownReasons) {
      expect(`${reason}: ${hintFor(sampleEvent({ reason }))?.text.en}`).toMatch(/^\w+: [\x20-\x7E]{20,170}$/);
      expect(`${reason}: ${hintFor(sampleEvent({ reason }))?.text.zh}`).toMatch(/\p{Script=Han}.*。$/u);
    }
    expect(knownReasons.length).toBeGreaterThanOrEqual(25);
    expect(hintFor(sampleEvent({ reason: 'SomethingNew' }))).toBeUndefined();
    expect(hintFor(sampleEvent({ reason: 'constructor' }))).toBeUndefined();
  });
});
