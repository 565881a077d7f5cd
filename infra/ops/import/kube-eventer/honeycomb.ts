import { FILL_IN } from '../report.ts';
import type { SinkMapping } from './sink.ts';

export const honeycomb: SinkMapping = {
  type: 'honeycomb',
  options: ['dataset', 'apihost', 'writekey'],
  unneeded: {},
  map({ options, environment }) {
    const endpoint = options.one('apihost')?.replace(/\/+$/, '');
    return {
      document: { dataset: options.one('dataset') ?? 'heapster', ...(endpoint && { endpoint }) },
      secrets: { apiKey: options.one('writekey') ?? environment('HONEYCOMB_WRITEKEY') ?? FILL_IN },
    };
  },
};
