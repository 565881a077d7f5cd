import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../../infra/console/page/live/filter.ts';
import { liveEvent } from './live-event.ts';

const event = liveEvent({ owner: 'Deployment/checkout', message: 'Liveness probe failed' });

describe('the filter of the list', () => {
  it.each(['', '  ', 'backoff', 'shop/checkout', 'PROBE failed', 'deployment/checkout prod', '-', '-scheduled'])(
    'shows the event for "%s"',
    (text) => {
      expect(filterOf({ text, without: [] })(event)).toBe(true);
    },
  );

  it.each(['scheduled', 'backoff scheduled', '-backoff', 'backoff -probe'])('hides the event for "%s"', (text) => {
    expect(filterOf({ text, without: [] })(event)).toBe(false);
  });

  it('hides severities', () => {
    expect(filterOf({ text: '', without: ['warning'] })(event)).toBe(false);
    expect(filterOf({ text: '', without: ['info'] })(event)).toBe(true);
  });
});
