import { describe, expect, it } from 'vitest';
import { oneOf, positive, required } from '../../../../functions/core/runtime/environment.ts';

describe('the environment', () => {
  it('names the variable that is missing', () => {
    expect(required({ QUEUE_URL: 'x' }, 'QUEUE_URL')).toBe('x');
    for (const env of [{}, { QUEUE_URL: '' }])
      expect(() => required(env, 'QUEUE_URL')).toThrow('environment variable QUEUE_URL is not set');
  });

  it('takes one of some values, the first by default, and names the variable and the value that is none of them', () => {
    const values = ['sink', 'destination'] as const;
    expect(oneOf({ METRICS_BY: 'destination' }, 'METRICS_BY', values)).toBe('destination');
    for (const env of [{}, { METRICS_BY: '' }]) expect(oneOf(env, 'METRICS_BY', values)).toBe('sink');
    expect(() => oneOf({ METRICS_BY: 'cluster' }, 'METRICS_BY', values)).toThrow(
      'environment variable METRICS_BY is cluster, expected sink or destination',
    );
  });

  it('takes positive numbers, and names the variable and the value that is none', () => {
    expect(positive({ MAX_RECEIVES: '3' }, 'MAX_RECEIVES', 8)).toBe(3);
    for (const env of [{}, { MAX_RECEIVES: '' }]) expect(positive(env, 'MAX_RECEIVES', 8)).toBe(8);
    for (const wrong of ['0', '-1', 'many'])
      expect(() => positive({ MAX_RECEIVES: wrong }, 'MAX_RECEIVES', 8)).toThrow(
        `environment variable MAX_RECEIVES is ${wrong}, expected a positive number`,
      );
  });
});
