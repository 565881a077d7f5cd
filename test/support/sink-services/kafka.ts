import { Kafka, logLevel } from 'kafkajs';
import { startKafka } from '../services/kafka.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startKafka();
  const client = new Kafka({ brokers: [server.plain], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'every-sink', numPartitions: 3 }] });
  return {
    document: { brokers: [server.plain], topic: 'every-sink' },
    async ids() {
      const offsets = await admin.fetchTopicOffsets('every-sink');
      let left = offsets.reduce((sum, { high }) => sum + Number(high), 0);
      const found: string[] = [];
      if (left === 0) return found;
      const consumer = client.consumer({ groupId: `reader-${Date.now()}` });
      await consumer.connect();
      await consumer.subscribe({ topic: 'every-sink', fromBeginning: true });
      const { promise, resolve } = Promise.withResolvers<void>();
      await consumer.run({
        async eachMessage({ message }) {
          found.push(String(message.headers?.['event-id']));
          left -= 1;
          if (left === 0) resolve();
        },
      });
      await promise;
      await consumer.disconnect();
      return found;
    },
    async stop() {
      await admin.disconnect();
      await server.stop();
    },
  };
}
