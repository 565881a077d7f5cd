import { expect, it } from 'vitest';
import { nearest } from '../../../../functions/core/destinations/destination.ts';

it('nearest finds what was meant, and nothing where nothing is near', () => {
  expect(nearest('dingtlak', ['log', 'dingtalk', 'webhook'])).toBe('dingtalk');
  expect(nearest('slack', ['log', 'dingtalk'])).toBeUndefined();
});
