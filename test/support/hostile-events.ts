import fc from 'fast-check';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { recoveries } from '../../functions/core/contract/recovery.ts';
import { anyText } from './any-text.ts';

const PIECES = [
  '@all',
  '<!channel>',
  '<@U1>',
  '[x](http://evil.example)',
  '![x](http://evil.example/i.png)',
  '<img src=x onerror=alert(1)>',
  'http://evil.example',
  '**',
  '`',
  '&lt;',
  '"\\',
  '\u202E',
  '\u0000',
  '\uD800',
  '😀',
  '\n# big\n',
  '{{ .x }}',
] as const;

const text = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.array(fc.constantFrom(...PIECES, 'plain', ' '), { maxLength: 12 }).map((parts) => parts.join('')),
  },
  { weight: 30, arbitrary: anyText(200) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(1_000_000), '"\\'.repeat(10_000), '容'.repeat(20_000), '&<>'.repeat(5000)),
  },
);

const reason = fc.oneof(
  text,
  fc.constantFrom('BackOff', 'Evicted', ...recoveries.flatMap((each) => [each.reason, each.ends])),
);

/** Events whose every text somebody chose who means harm; some of them are recoveries all the same. */
export const hostileEvent: fc.Arbitrary<KubeEvent> = fc.record({
  metadata: fc.record({ uid: text, namespace: text, resourceVersion: fc.oneof(fc.nat().map(String), text) }),
  involvedObject: fc.record({
    apiVersion: text,
    kind: fc.oneof(text, fc.constantFrom('Pod', 'Node', 'Service')),
    namespace: text,
    name: text,
    fieldPath: fc.oneof(
      text,
      text.map((name) => `spec.containers{${name}}`),
    ),
  }),
  type: fc.oneof(text, fc.constantFrom('Normal', 'Warning')),
  reason,
  message: text,
  count: fc.integer({ min: -1, max: 1_000_000 }),
  lastTimestamp: fc.oneof(text, fc.constant('2026-11-23T08:00:00Z')),
  source: fc.record({ component: text, host: text }),
});
