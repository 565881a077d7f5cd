import { describe, expect, it } from 'vitest';
import { words } from '../../../../functions/core/chat/words.ts';

describe.each([
  ['en', 'kubelet on node-1', '3 events in 2 namespaces', '3 events', 'A ×2, B ×1, 1 other reasons ×4', 'A ×2, B ×1'],
  ['zh', 'kubelet（node-1）', '3 条事件，涉及 2 个命名空间', '3 条事件', 'A ×2、B ×1、其他 1 种原因 ×4', 'A ×2、B ×1'],
] as const)('in %s', (language, both, inTwo, inOne, withRest, alone) => {
  const say = words[language];

  it('who reports is a component, a host, or both', () => {
    expect([say.reportedBy('kubelet', 'node-1'), say.reportedBy('kubelet', ''), say.reportedBy('', 'node-1')]).toEqual([
      both,
      'kubelet',
      'node-1',
    ]);
    expect(say.reportedBy('', '')).toBe('');
  });

  it('namespaces are counted where there are several', () => {
    expect([say.digest(3, 2), say.digest(3, 1), say.digest(3, 0)]).toEqual([inTwo, inOne, inOne]);
  });

  it('the reasons that are not named are counted where there are any', () => {
    const counts = [
      ['A', 2],
      ['B', 1],
    ] as const;
    expect(say.tally(counts, { kinds: 1, events: 4 })).toBe(withRest);
    expect(say.tally(counts, { kinds: 0, events: 0 })).toBe(alone);
  });
});
