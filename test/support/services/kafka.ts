import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { Kafka, logLevel } from 'kafkajs';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { launch, serviceFolder } from './child.ts';
import { copyMavenDependencies } from './maven.ts';
import { freePorts } from './ports.ts';
import { run } from './run.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

/** Apache Kafka as one KRaft node, from its published Java libraries. */
export const kafka: Service = {
  name: 'kafka',
  version: '4.4.0',
  buildTools: ['mvn'],
  runTools: ['java', 'openssl'],
  install: (folder) =>
    copyMavenDependencies(folder, ['org.apache.kafka:kafka_2.13:4.4.0', 'org.slf4j:slf4j-simple:1.7.36']),
};

const endpoint = z.object({
  /** `<host>:<port>` of each listener: without security, with SASL, with TLS, with both. */
  plain: z.string(),
  sasl: z.string(),
  tls: z.string(),
  saslTls: z.string(),
  /** TLS that demands a client certificate, which the server's own serves as. */
  mutualTls: z.string(),
  certificateFile: z.string(),
  keyFile: z.string(),
  /** One user for PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  username: z.string(),
  password: z.string(),
  /** PEM file of the certificate authority behind the TLS listeners. */
  caFile: z.string(),
});

export type KafkaEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface KafkaService extends KafkaEndpoint, Lifecycle {}

/** Starts a broker that creates topics by itself, with three partitions each. */
export async function startKafka(): Promise<KafkaService> {
  const found = fromEnvironment(kafka, endpoint);
  if (found !== undefined) return found;

  const libraries = await installOnce(kafka);
  const folder = await serviceFolder('kafka');
  const [plain, controller, sasl, tls, saslTls, mutualTls] = await freePorts(6);
  const address = (port: number | undefined): string => `127.0.0.1:${port}`;
  const certificates = await makeCertificates(folder);
  const service: KafkaEndpoint = {
    plain: address(plain),
    sasl: address(sasl),
    tls: address(tls),
    saslTls: address(saslTls),
    mutualTls: address(mutualTls),
    certificateFile: certificates.certificateFile,
    keyFile: certificates.keyFile,
    username: 'courier',
    password: randomUUID(),
    caFile: certificates.caFile,
  };
  const properties = join(folder, 'server.properties');
  await writeFile(
    properties,
    serverProperties(service, address(controller), folder, await keyStore(certificates, folder)),
  );

  const java = [
    '-Xms64m',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    join(libraries, '*'),
  ];
  await run('java', [...java, 'kafka.tools.StorageTool', ...formatArguments(service, properties)]);
  const lifecycle = await launch({
    name: kafka.name,
    folder,
    command: ['java', ...java, 'kafka.Kafka', properties],
    isReady: () => isReady(service),
  });
  return { ...service, ...lifecycle };
}

function serverProperties(service: KafkaEndpoint, controller: string, folder: string, keys: string): string {
  const listeners = {
    PLAIN: ['PLAINTEXT', service.plain],
    CONTROLLER: ['PLAINTEXT', controller],
    SASL: ['SASL_PLAINTEXT', service.sasl],
    TLS: ['SSL', service.tls],
    SASLTLS: ['SASL_SSL', service.saslTls],
    MUTUALTLS: ['SSL', service.mutualTls],
  } as const;
  const joined = (entry: (name: string, protocol: string, address: string) => string, without = ''): string =>
    Object.entries(listeners)
      .filter(([name]) => name !== without)
      .map(([name, [protocol, address]]) => entry(name, protocol, address))
      .join(',');
  const login = 'org.apache.kafka.common.security';
  const users = ['sasl', 'sasltls'].flatMap((listener) => [
    `listener.name.${listener}.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${service.username}="${service.password}";`,
    `listener.name.${listener}.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    `listener.name.${listener}.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
  ]);
  return [
    'node.id=1',
    'process.roles=broker,controller',
    `controller.quorum.voters=1@${controller}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAIN',
    `listeners=${joined((name, _, address) => `${name}://${address}`)}`,
    `advertised.listeners=${joined((name, _, address) => `${name}://${address}`, 'CONTROLLER')}`,
    `listener.security.protocol.map=${joined((name, protocol) => `${name}:${protocol}`)}`,
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...users,
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${keys}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${service.caFile}`,
    'listener.name.mutualtls.ssl.client.auth=required',
    `log.dirs=${join(folder, 'data')}`,
    'num.partitions=3',
    // one node: every internal topic has one copy, and none of them is worth many partitions
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    '',
  ].join('\n');
}

/** A PEM key store is the key followed by its certificate. */
async function keyStore(certificates: Certificates, folder: string): Promise<string> {
  const file = join(folder, 'keys.pem');
  const parts = await Promise.all([certificates.keyFile, certificates.certificateFile].map((part) => readFile(part)));
  await writeFile(file, Buffer.concat(parts), { mode: 0o600 });
  return file;
}

function formatArguments(service: KafkaEndpoint, properties: string): readonly string[] {
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${service.username},password=${service.password}]`,
  ]);
  return ['format', '-t', Buffer.from(randomUUID().slice(0, 16)).toString('base64url'), '-c', properties, ...scram];
}

/** The broker answers on its port before it can say who leads a partition. */
async function isReady(service: KafkaEndpoint): Promise<boolean> {
  await accepts(service.plain);
  const client = new Kafka({
    brokers: [service.plain],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    connectionTimeout: 1_000,
  });
  const admin = client.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length === 1 && controller !== null;
  } finally {
    await admin.disconnect();
  }
}

/** Cheaper to ask, and quieter, than a client that fails. */
function accepts(address: string): Promise<void> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
