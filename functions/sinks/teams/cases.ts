import type { SinkCase } from '../../core/contract/case.ts';
export const cases: readonly SinkCase[] = [];
