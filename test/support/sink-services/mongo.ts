import { MongoClient } from 'mongodb';
import { startFerretdb } from '../services/ferretdb.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startFerretdb();
  const client = await MongoClient.connect(server.url);
  return {
    document: { database: 'every', collection: 'events' },
    secrets: { uri: server.url },
    async ids() {
      const documents = await client
        .db('every')
        .collection('events')
        .find({}, { projection: { _id: 1 } })
        .toArray();
      return documents.map(({ _id }) => String(_id));
    },
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}
