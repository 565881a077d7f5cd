import { expect, it } from 'vitest';
import { nearest } from '../../../../functions/core/kit/nearest.ts';

it('what was meant is found by its letters, and nothing where nothing is near', () => {
  expect(nearest('dingtlak', ['log', 'dingtalk', 'webhook'])).toBe('dingtalk');
  expect(nearest('DingTalk', ['log', 'dingtalk'])).toBe('dingtalk');
  expect(nearest('slack', ['log', 'dingtalk'])).toBeUndefined();
  expect(nearest('ab', ['cd', 'ac'])).toBe('ac');
  expect(nearest('ab', ['cd'])).toBeUndefined();
  expect(nearest('abcdef', ['abcdxy'])).toBe('abcdxy');
  expect(nearest('abcdefg', ['abcdxyz'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
