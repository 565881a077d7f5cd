import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered } from '../../core/contract/outcome.ts';

export const cases: readonly SinkCase[] = [
  {
    name: 'writes a line a person can read',
    options: { format: 'text' },
    events: [{ count: 3 }],
    lines: [
      '2026-11-23T07:59:30.000Z prod Warning BackOff Pod payments/api-7d9f: Back-off restarting failed container api (x3)',
    ],
    outcomes: [delivered],
  },
  {
    name: 'keeps a hostile message on one line',
    options: { format: 'text' },
    events: [{ message: 'first\nsecond\u001B[31m\u2028third' }],
    lines: ['2026-11-23T07:59:30.000Z prod Warning BackOff Pod payments/api-7d9f: first second [31m third'],
    outcomes: [delivered],
  },
  {
    name: 'writes one JSON object per event by default',
    options: {},
    events: [{}],
    context: sampleContext,
    lines: [
      JSON.stringify({
        id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
        cluster: 'prod',
        uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
        name: 'api-7d9f.17ab3c',
        eventNamespace: 'payments',
        resourceVersion: '184467',
        type: 'Warning',
        severity: 'warning',
        reason: 'BackOff',
        message: 'Back-off restarting failed container api',
        action: '',
        count: 1,
        previousCount: 0,
        firstSeen: '2026-11-23T07:55:00.000Z',
        lastSeen: '2026-11-23T07:59:30.000Z',
        seenAt: '2026-11-23T07:59:31.000Z',
        change: 'added',
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          namespace: 'payments',
          name: 'api-7d9f',
          uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
          fieldPath: 'spec.containers{api}',
          labels: { app: 'api' },
          annotations: {},
        },
        owner: { kind: 'Deployment', name: 'api' },
        node: 'node-1',
        namespace: { labels: { team: 'payments' }, annotations: {} },
        source: { component: 'kubelet', host: 'node-1' },
      }),
    ],
    outcomes: [delivered],
  },
];
