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

  it.each([
    ['BackOff', 'Back-off pulling image "x"', /cannot be pulled/],
    ['Failed', 'Error: ErrImagePull', /cannot be pulled/],
    ['Failed', 'Failed to pull the image', /cannot be pulled/],
    ['Failed', "Error: couldn't find key url in ConfigMap shop/settings", /does not exist/],
    ['Unhealthy', 'Liveness probe failed: timeout', /liveness/],
    ['Unhealthy', 'Startup probe failed: timeout', /startup/],
    ['Unhealthy', 'Readiness probe failed: no liveness, no startup', /readiness/],
    ['FailedScheduling', '0/3 nodes are available: 3 Too many pods.', /No node has room/],
    ['FailedScheduling', 'pod has unbound immediate PersistentVolumeClaims', /waits for a volume/],
    ['FailedCreate', 'pods "x" is forbidden: exceeded Quota: team', /ResourceQuota/],
    ['FailedCreate', 'Internal error occurred: failed calling webhook "x"', /does not answer/],
    ['FailedCreate', 'admission webhook "x" denied the request', /policy refuses/],
    ['FailedCreate', 'pods "x" is forbidden: violates PodSecurity', /policy refuses/],
    ['FailedCreate', 'the server is busy', /cannot create the pod/],
  ])('of %s do not depend on the case of %j', (reason, message, expected) => {
    for (const written of [message, message.toLowerCase(), message.toUpperCase()])
      expect(text(reason, written)).toMatch(expected);
  });

  it('look at the first 4000 characters of a message', () => {
    const cases = [4000, 4001].map((length) => text('BackOff', 'pulling image'.padStart(length)));
    expect(cases).toEqual([expect.stringMatching(/cannot be pulled/), expect.stringMatching(/keeps exiting/)]);
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
