import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import kafkajs from 'kafkajs';
import { errorCodes } from 'kafkajs/src/protocol/error.js';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { classify } from '../../../functions/sinks/kafka/classify.ts';
import { mskToken } from '../../../functions/sinks/kafka/client.ts';
import { compressionTypes, registerCodecs } from '../../../functions/sinks/kafka/compression.ts';
import { config } from '../../../functions/sinks/kafka/config.ts';
import { sink } from '../../../functions/sinks/kafka/sink.ts';
import { frameCheck } from '../../../functions/sinks/kafka/socket.ts';
import { expectDocumented } from '../../support/documented-codes.ts';
import { presignedSignature } from '../../support/presigned-signature.ts';

function optionsOf(document: object) {
  const parsed = parseSettings(
    config,
    JSON.stringify({ brokers: ['kafka.example.com:9092'], topic: 'events', ...document }),
  );
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}

describe('the classification of Kafka errors', () => {
  const wrapped = (cause: object): object => ({ name: 'KafkaJSNumberOfRetriesExceeded', retriable: false, cause });

  it.each([
    [
      'a broken connection while logging in',
      { name: 'KafkaJSSASLAuthenticationError', message: 'SASL PLAIN authentication failed: Closed connection' },
      'connection_lost',
    ],
    [
      'a timeout while logging in',
      {
        name: 'KafkaJSSASLAuthenticationError',
        message: 'SASL PLAIN authentication failed: Request SaslAuthenticate(key: 36, version: 1) timed out',
      },
      'connection_lost',
    ],
    [
      'a certificate that is not trusted',
      wrapped({ name: 'KafkaJSConnectionError', code: 'SELF_SIGNED_CERT_IN_CHAIN', message: '' }),
      'tls_failed',
    ],
    [
      'a host that is not known',
      wrapped({ name: 'KafkaJSConnectionError', code: 'ENOTFOUND', message: '' }),
      'host_not_found',
    ],
    [
      'a connection that is not made in time',
      wrapped({ name: 'KafkaJSConnectionError', message: 'Connection timeout' }),
      'timeout',
    ],
    [
      'a request without a reply',
      wrapped({ name: 'KafkaJSRequestTimeoutError', message: 'Request Produce timed out' }),
      'timeout',
    ],
    ['a disconnected producer', { name: 'KafkaJSError', message: 'The producer is disconnected' }, 'broker_error'],
    ['something that is no error at all', 'what', 'broker_error'],
  ])('retries with a new client after %s', (_what, error, code) => {
    expect(classify(error)).toMatchObject({ status: 'retry', code, reconnect: true });
  });

  it('names a broker that cannot be found', () => {
    const message = 'Failed to connect: getaddrinfo ENOTFOUND kafka-0.invalid';
    expect(classify(wrapped({ name: 'KafkaJSConnectionError', code: 'ENOTFOUND', message }))).toMatchObject({
      detail: 'the host kafka-0.invalid cannot be found',
    });
  });

  it('knows every error of the protocol, retries those the protocol calls retriable, and documents each code', () => {
    const outcomes = errorCodes.map(({ type, retriable }) => {
      const outcome = classify({ name: 'KafkaJSProtocolError', type, message: 'message' });
      return { type, retriable, outcome };
    });
    expectDocumented(
      config,
      outcomes.map(({ outcome }) => outcome),
    );
    // A missing topic is called retriable because it may be about to be created: the sink asks the cluster again.
    expect(outcomes.filter(({ retriable, outcome }) => retriable && outcome.status !== 'retry')).toMatchObject([
      { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
    ]);
  });
});

describe('the rendering of records', () => {
  it('keeps every batch within the limit, unless one event alone exceeds it', () => {
    const options = optionsOf({ maxBatchBytes: 5000 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 8000 }), { minLength: 1, maxLength: 30 }), (lengths) => {
        const events = lengths.map((length, n) =>
          sampleEvent({ message: '☃'.repeat(length / 3), metadata: { uid: `uid-${n}` } }),
        );
        const parcels = sink.render(events, options);
        expect(parcels.flatMap((parcel) => parcel.events)).toEqual(events);
        for (const { payload } of parcels) {
          const bytes = payload.reduce((sum, { key, value }) => sum + Buffer.byteLength(key + value), 0);
          expect(payload.length === 1 || bytes <= 5000).toBe(true);
        }
      }),
    );
  });

  it("can give kube-eventer's shape", () => {
    const options = optionsOf({
      body: {
        EventValue: '${ event.raw | json: 2 }',
        EventTimestamp: '${ event.lastSeen }',
        EventTags: { pod_name: '${ event.object.name }', hostname: '${ event.source.host }' },
      },
    });
    const [parcel] = sink.render([sampleEvent({ message: 'a "quoted"\nline' })], options);

    const value: unknown = JSON.parse(parcel?.payload[0]?.value ?? '');
    expect(value).toEqual({
      EventValue: JSON.stringify({ ...sampleKubeEvent, message: 'a "quoted"\nline' }, null, 2),
      EventTimestamp: '2026-11-23T07:59:30.000Z',
      EventTags: { pod_name: 'api-7d9f', hostname: 'node-1' },
    });
  });

  it('writes JSON without lone surrogates', () => {
    const [parcel] = sink.render([sampleEvent({ message: 'lone \uD800' })], optionsOf({}));
    expect(parcel?.payload[0]?.value).toContain('lone \uFFFD');
  });
});

describe('the options', () => {
  it.each([
    [{ brokers: [] }, 'brokers'],
    [{ brokers: ['kafka.example.com'] }, 'brokers[0]'],
    [{ topic: 'not a topic' }, 'topic'],
    [{ topic: '..' }, 'topic'],
    [{ auth: 'kerberos' }, 'auth'],
    [{ compression: 'brotli' }, 'compression'],
    [{ password: 'in the wrong document' }, 'password'],
  ])('refuses %j naming the field', (document, field) => {
    const parsed = parseSettings(
      config,
      JSON.stringify({ brokers: ['kafka.example.com:9092'], topic: 'events', ...document }),
    );
    expect(parsed).toMatchObject({ problems: [{ field }] });
  });
});

describe('the check of frames', () => {
  const frame = (size: number, length = size): Buffer => {
    const buffer = Buffer.alloc(4 + length, 7);
    buffer.writeInt32BE(size, 0);
    return buffer;
  };

  it('passes replies however they are cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 4, max: 300 })),
        fc.array(fc.integer({ min: 1, max: 50 })),
        (sizes, cuts) => {
          const stream = Buffer.concat(sizes.map((size) => frame(size)));
          const isPlausible = frameCheck();
          let at = 0;
          for (const cut of cuts) {
            expect(isPlausible(stream.subarray(at, at + cut))).toBe(true);
            at += cut;
          }
          expect(isPlausible(stream.subarray(at))).toBe(true);
        },
      ),
    );
  });

  it.each([-1, 0, 3, 0x48545450])('finds a frame of %i bytes behind a good one, also in single bytes', (size) => {
    const stream = Buffer.concat([frame(20), frame(size, 0)]);
    expect(frameCheck()(stream)).toBe(false);
    const isPlausible = frameCheck();
    expect([...stream].map((byte) => isPlausible(Buffer.from([byte]))).indexOf(false)).toBe(27);
  });
});

describe('the codecs', () => {
  registerCodecs();

  it.each(['snappy', 'lz4', 'zstd'] as const)(
    '%s gives back what it was given, small after large too',
    async (name) => {
      const codec: unknown = kafkajs.CompressionCodecs[compressionTypes[name]]();
      if (!isCodec(codec)) throw new Error('not a codec');
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2_000_000 }), fc.uint8Array(), async (length, noise) => {
          const data = Buffer.concat([Buffer.alloc(length, 'event '), noise]);
          const packed = await codec.compress({ buffer: data });
          expect((await codec.decompress(packed)).equals(data)).toBe(true);
        }),
        { numRuns: 20 },
      );
    },
  );
});

describe('the token for Amazon MSK', () => {
  it('is a presigned kafka-cluster:Connect that AWS would accept', async () => {
    const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
    const token = await mskToken({
      conceal: () => {},
      options: { region: undefined },
      now: () => new Date('2026-11-23T08:00:00Z'),
      aws: {
        region: async () => 'eu-west-1',
        credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey, sessionToken: 'session+token/==' }),
      },
    });

    const url = new URL(Buffer.from(token, 'base64url').toString());
    const query = Object.fromEntries(url.searchParams);
    expect(url.origin + url.pathname).toBe('https://kafka.eu-west-1.amazonaws.com/');
    expect(query).toMatchObject({
      Action: 'kafka-cluster:Connect',
      'X-Amz-Credential': 'AKIDEXAMPLE/20261123/eu-west-1/kafka-cluster/aws4_request',
      'X-Amz-Date': '20261123T080000Z',
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': 'session+token/==',
      'X-Amz-SignedHeaders': 'host',
    });
    url.searchParams.delete('User-Agent');
    expect(query['X-Amz-Signature']).toBe(presignedSignature(url, secretAccessKey));
  });
});

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(data: Buffer): Promise<Buffer>;
}

function isCodec(value: unknown): value is Codec {
  return typeof value === 'object' && value !== null && 'compress' in value && 'decompress' in value;
}
