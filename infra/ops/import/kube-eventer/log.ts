import type { SinkMapping } from './sink.ts';

export const log: SinkMapping = {
  type: 'log',
  options: [],
  unneeded: {},
  map: () => ({ document: {}, secrets: {} }),
};
