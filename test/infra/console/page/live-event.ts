import type { LiveEvent } from '../../../../infra/console/contract.ts';

export function liveEvent(given: Partial<LiveEvent> = {}): LiveEvent {
  const { seq = 1 } = given;
  return {
    seq,
    id: `prod/uid-${seq}/${seq}`,
    at: '2026-11-23T07:59:30Z',
    cluster: 'prod',
    type: 'Warning',
    reason: 'BackOff',
    severity: 'warning',
    kind: 'Pod',
    namespace: 'shop',
    name: 'checkout-6c9f',
    message: 'Back-off restarting failed container',
    count: 1,
    marks: {},
    ...given,
  };
}
