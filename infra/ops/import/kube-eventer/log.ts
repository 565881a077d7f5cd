import type { SinkMapping } from './sink.ts';

export const log: SinkMapping = {
  type: 'log',
  unneeded: {},
  map: () => ({ document: {}, secrets: {} }),
};
