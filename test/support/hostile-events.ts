import fc from 'fast-check';
import type { ClusterEvent, KubeEvent } from '../../functions/core/contract/event.ts';
import { recoveries } from '../../functions/core/contract/recovery.ts';
import { sampleEvent } from '../../functions/core/contract/sample.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { anyText } from './any-text.ts';

/** Markup, mentions and links of every service for people, what ends a text early, what is half of something. */
const PIECES = [
  '@all',
  '@everyone',
  '@here',
  '<!channel>',
  '<!here>',
  '<@U0123456789>',
  '<!subteam^S0123456789>',
  '<#C0123456789|x>',
  '<http://evil.example|click>',
  '<@123456789012345678>',
  '<@&123456789012345678>',
  '<t:1700000000>',
  '</cmd:1>',
  '<users/all>',
  '<users/12345678>',
  '<at id=all></at>',
  '<at user_id="ou_1">x</at>',
  '<at>all</at>',
  '[x](http://evil.example)',
  '![x](http://evil.example/i.png)',
  '<img src=x onerror=alert(1)>',
  '<a href="https://evil.example">x</a>',
  '</b></i></pre></code></blockquote></td></table>',
  '<script>alert(1)</script>',
  'http://evil.example',
  'HTTPS://EVIL.EXAMPLE/x',
  'www.evil.example',
  '203.0.113.9:8080/login',
  'tg://user?id=1',
  '/start',
  '#tag',
  'a@b.example',
  '**',
  '__',
  '~~',
  '||',
  '*',
  '_',
  '`',
  '```',
  '&lt;',
  '&amp;#60;',
  '&#x3c;',
  '&copy',
  '"\\',
  "'",
  '\u202E',
  '\u200B',
  '\u0000',
  '\u001B[31m',
  '\uD800',
  '😀',
  '👩‍👩‍👧',
  '容',
  '\n# big\n',
  '\n> quote',
  '\n- list',
  '\r\nBcc: all@example.com\r\n\r\n',
  '${ event.message }',
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

/** Batches of so many events at most, no two of them versions of one. */
export function hostileEvents(most: number): fc.Arbitrary<readonly ClusterEvent[]> {
  const withUid = ({ metadata, ...fields }: KubeEvent, index: number): ClusterEvent =>
    sampleEvent({
      ...fields,
      metadata: { ...recordOf(metadata), uid: `${textOf(recordOf(metadata)['uid'])}${index}` },
    });
  return fc.array(hostileEvent, { minLength: 1, maxLength: most }).map((list) => list.map(withUid));
}
