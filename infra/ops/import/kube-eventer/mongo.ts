import { FILL_IN } from '../report.ts';
import type { SinkMapping } from './sink.ts';

export const mongo: SinkMapping = {
  type: 'mongo',
  options: [],
  unneeded: {},
  isRaw: true,
  map({ uri, place, report }) {
    const written = [uri.base, uri.query].filter((part) => part !== '').join('?');
    const isUri = /^mongodb(\+srv)?:\/\/./.test(written);
    if (!isUri) report.add('fill in', place, `has no mongodb:// address: put the real one in place of ${FILL_IN}`);
    // Database and collection are fixed there.
    return {
      document: { database: 'k8s', collection: 'event' },
      secrets: { uri: isUri ? written : `mongodb://${FILL_IN}` },
    };
  },
};
