import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import type { HttpRequest } from '../../../functions/core/contract/http.ts';
import { sampleContext, sampleEvent, sampleEventIn, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { config } from '../../../functions/sinks/elasticsearch/config.ts';
import { signedFor } from '../../../functions/sinks/elasticsearch/connection.ts';
import { bulkLines, indexName } from '../../../functions/sinks/elasticsearch/document.ts';
import { bulkOutcomes, requestOutcome } from '../../../functions/sinks/elasticsearch/reply.ts';
import { sink } from '../../../functions/sinks/elasticsearch/sink.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { openDestination } from '../../support/live-destination.ts';
import { sinksFolder } from '../../support/sink-under-test.ts';

const history = { mode: 'data-stream', index: 'kube-events', format: 'event', documentIds: true } as const;
const latest = { ...history, mode: 'latest' } as const;

function version(resourceVersion: string, message?: string) {
  return sampleEvent({
    ...(message !== undefined && { message }),
    metadata: { ...sampleKubeEvent.metadata, resourceVersion },
  });
}

describe('the bulk lines of an event', () => {
  it('are one line each, of JSON without lone surrogates, whatever the event holds', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (message, host) => {
        const [action, source] = bulkLines(sampleEvent({ message, source: { host } }), history);
        for (const line of [action, source]) {
          expect(line).not.toMatch(/[\n\r]/);
          expect(line).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/);
        }
        const document = JSON.parse(source);
        expect(document.message).toBe(message.toWellFormed());
        expect(document.source.host).toBe(host.toWellFormed());
      }),
    );
  });

  it('have an id that belongs to the version in a history, and to the event in mode latest', () => {
    const id = (line: string): unknown => Object.values(JSON.parse(line)).map((action) => Object(action)['_id'])[0];
    const of = (resourceVersion: string, options: Parameters<typeof bulkLines>[1]): unknown =>
      id(bulkLines(version(resourceVersion), options)[0]);

    expect(of('1', history)).toBe(of('1', history));
    expect(of('1', history)).not.toBe(of('2', history));
    expect(of('1', latest)).toBe(of('2', latest));
    expect(of('1', { ...history, documentIds: false })).toBeUndefined();
  });

  it('carry the version as the server can order it, even if the cluster does not number its versions', () => {
    const of = (resourceVersion: string): unknown =>
      JSON.parse(bulkLines(version(resourceVersion), latest)[0]).index.version;

    expect(of('9223372036854775807')).toBe('9223372036854775807');
    expect(of('9223372036854775808')).toBe(String(Date.parse('2026-11-23T07:59:30Z')));
    expect(of('opaque')).toBe(String(Date.parse('2026-11-23T07:59:30Z')));
  });
});

describe('labels and annotations', () => {
  const labels = { app: 'web', 'app.kubernetes.io/name': 'web', 'a.b': '', 'a.b.c': 'x=y' };
  const pairs = ['app=web', 'app.kubernetes.io/name=web', 'a.b=', 'a.b.c=x=y'];
  const event = sampleEvent({
    metadata: { ...sampleKubeEvent.metadata, labels, annotations: labels },
    involvedObject: { ...sampleKubeEvent.involvedObject, labels, annotations: labels },
  });
  const document = (format: 'event' | 'kube-eventer') => JSON.parse(bulkLines(event, { ...history, format })[1]);

  it('are lists in either format, so that no key becomes the name of a field', () => {
    const asPairs = { labelPairs: pairs, annotationPairs: pairs };

    expect(document('event').object).toMatchObject(asPairs);
    expect(document('kube-eventer').Metadata).toMatchObject(asPairs);
    expect(document('kube-eventer').InvolvedObject).toMatchObject(asPairs);
    expect(JSON.stringify([document('event'), document('kube-eventer')])).not.toMatch(
      /"(labels|annotations|app|a\.b)"/,
    );
  });

  it('come with what else the relay knows, of the object and its namespace, but not in the format of kube-eventer', () => {
    const known = sampleEventIn(sampleContext);
    const [own, old] = (['event', 'kube-eventer'] as const).map(
      (format) => bulkLines(known, { ...history, format })[1],
    );

    expect(JSON.parse(own ?? '')).toMatchObject({
      object: { labelPairs: ['app=api'] },
      owner: { kind: 'Deployment', name: 'api' },
      node: 'node-1',
      namespace: { labelPairs: ['team=payments'] },
    });
    expect(old).toBe(bulkLines(sampleEvent(), { ...history, format: 'kube-eventer' })[1]);
  });

  it('do no harm where they are none', () => {
    const odd = sampleEvent({
      metadata: { uid: 'u', labels: 'text', annotations: [1], name: { a: 1 } },
      involvedObject: null,
    });
    const { Metadata, InvolvedObject } = JSON.parse(bulkLines(odd, { ...history, format: 'kube-eventer' })[1]);

    expect(Metadata).toEqual({ uid: 'u', labelPairs: [], annotationPairs: [] });
    expect(InvolvedObject).toEqual({ labelPairs: [], annotationPairs: [] });
  });
});

describe('the name of an index', () => {
  it('is one that every server accepts, whatever the event holds', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.constantFrom('daily', 'data-stream', 'latest'), (namespace, prefix, mode) => {
        const index = `${prefix.replaceAll(/[${}]/g, '')}\${ event.object.namespace }`;
        const name = indexName(sampleEvent({ involvedObject: { namespace } }), { mode, index });
        expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,254}$/);
        expect(name.endsWith('-2026.11.23')).toBe(mode === 'daily');
      }),
    );
  });
});

it('a name that is too long keeps its date, within the 255 bytes of a name', () => {
  const event = sampleEvent({ involvedObject: { namespace: 'n'.repeat(400) } });
  const name = indexName(event, { mode: 'daily', index: 'kube-${ event.object.namespace }' });

  expect(name).toMatch(/^kube-n+-2026\.11\.23$/);
  expect(name).toHaveLength(255);
});

describe('a batch', () => {
  it('is cut before it gets too large, an event of 1 MB and all', () => {
    const events = Array.from({ length: 12 }, (_, index) => version(String(index), 'x'.repeat(1_000_000)));

    const parcels = sink.render(events, parsedOptions({ endpoint: 'http://es' }));

    expect(parcels.map((parcel) => parcel.events.length)).toEqual([4, 4, 4]);
    for (const { payload } of parcels) expect(payload.join('\n').length).toBeLessThan(5_000_000);
  });
});

describe('an item of a reply', () => {
  const outcome = (status: number, type: string, reason = ''): unknown => {
    const all = bulkOutcomes({ items: [{ create: { status, error: { type, reason } } }] }, 1);
    const first = Array.isArray(all) ? all[0] : all;
    return 'code' in first ? `${first.status} ${first.code} ${first.scope ?? ''}`.trim() : first.status;
  };

  it.each([
    [
      403,
      'security_exception',
      'action [indices:data/write/bulk[s]] is unauthorized',
      'rejected forbidden destination',
    ],
    [403, 'cluster_block_exception', 'index [a] blocked by: [FORBIDDEN/8/index write (api)];', 'retry index_blocked'],
    [
      403,
      'cluster_block_exception',
      'blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];',
      'retry disk_full',
    ],
    [400, 'index_closed_exception', 'closed', 'retry index_blocked'],
    [
      400,
      'illegal_argument_exception',
      'pipeline with id [x] does not exist',
      'rejected pipeline_not_found destination',
    ],
    [
      400,
      'illegal_argument_exception',
      'only write ops with an op_type of create are allowed in data streams',
      'rejected wrong_index_type destination',
    ],
    [400, 'strict_dynamic_mapping_exception', 'mapping set to strict', 'rejected document_rejected event'],
    [
      400,
      'validation_exception',
      'this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;',
      'retry shard_limit',
    ],
    [
      403,
      'index_create_block_exception',
      'blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];',
      'retry disk_full',
    ],
    [
      429,
      'cluster_block_exception',
      'index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];',
      'retry disk_full',
    ],
    [
      403,
      'cluster_block_exception',
      'blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];',
      'retry disk_full',
    ],
    [403, 'cluster_block_exception', 'blocked by: [FORBIDDEN/6/cluster read-only (api)];', 'retry cluster_blocked'],
    [
      403,
      'cluster_block_exception',
      'blocked by: [FORBIDDEN/13/cluster read-only / allow delete (api)];',
      'retry cluster_blocked',
    ],
    [403, 'cluster_block_exception', 'index [a] blocked by: [FORBIDDEN/4/index closed];', 'retry index_blocked'],
    [
      403,
      'cluster_block_exception',
      'index [a] blocked by: [FORBIDDEN/5/index read-only (api)];',
      'retry index_blocked',
    ],
    [503, 'cluster_block_exception', 'blocked by: [SERVICE_UNAVAILABLE/2/no master];', 'retry unavailable'],
    [
      503,
      'cluster_block_exception',
      'blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];',
      'retry unavailable',
    ],
    [
      400,
      'validation_exception',
      'this action would add [2] total shards, but this cluster currently has [1000]/[1000] maximum shards open;',
      'retry shard_limit',
    ],
    [503, 'unavailable_shards_exception', 'primary shard is not active', 'retry unavailable'],
    [503, 'process_cluster_event_timeout_exception', 'failed to process cluster event', 'retry unavailable'],
    [503, 'cluster_manager_not_discovered_exception', '', 'retry unavailable'],
    [500, 'node_closed_exception', 'node closed', 'retry unavailable'],
    [404, 'shard_not_found_exception', 'no such shard', 'retry unavailable'],
    [404, 'illegal_index_shard_state_exception', 'CurrentState[CLOSED]', 'retry unavailable'],
    [404, 'index_not_found_exception', 'no such index [a]', 'rejected index_not_found destination'],
    [409, 'something_else_exception', 'conflict', 'retry unavailable'],
    [413, 'es_rejected_execution_exception', 'operation is too large', 'rejected too_large event'],
    [503, 'circuit_breaking_exception', '[parent] Data too large', 'retry throttled'],
    [429, 'rejected_execution_exception', 'rejected', 'retry throttled'],
    [429, 'es_rejected_execution_exception', 'rejected', 'retry throttled'],
    [409, 'version_conflict_engine_exception', 'exists', 'delivered'],
  ])('%i %s (%s) is %s', (status, type, reason, expected) => {
    expect(outcome(status, type, reason)).toBe(expected);
  });

  it.each([
    ['index_create_block_exception', 'blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];', 'disk_full'],
    ['cluster_block_exception', 'blocked by: [FORBIDDEN/6/cluster read-only (api)];', 'cluster_blocked'],
    ['security_exception', 'action is unauthorized', 'forbidden'],
  ])('means the same where the whole request is refused: %s', (type, reason, code) => {
    const body = JSON.stringify({ error: { root_cause: [], type, reason }, status: 403 });

    expect(requestOutcome({ status: 403, headers: {}, body }, new Date())).toMatchObject({ code });
  });

  it('never repeats the text of the event', () => {
    const reason = "failed to parse field [a] of type [long]. Preview of field's value: 'SECRET\nTEXT'";
    expect(
      JSON.stringify(bulkOutcomes({ items: [{ create: { status: 400, error: { type: 'x', reason } } }] }, 1)),
    ).not.toContain('SECRET');
  });
});

describe('the options', () => {
  it.each([
    [{}, 'endpoint'],
    [{ endpoint: 'http://es', cloudId: 'a:ZXUkYWJj' }, 'endpoint'],
    [{ endpoint: 'https://user:password@es' }, 'endpoint'],
    [{ cloudId: 'nonsense' }, 'cloudId'],
    [{ endpoint: 'http://es', mode: 'latest', documentIds: false }, 'documentIds'],
    [{ endpoint: 'http://es', index: '${ event.nothing }' }, 'index'],
  ])('%j are refused, naming %s', (options, field) => {
    const parsed = parseSettings(config, JSON.stringify(options));
    expect('problems' in parsed && parsed.problems.map((problem) => problem.field)).toContain(field);
  });

  it('may list several nodes', () => {
    expect(parsedOptions({ endpoint: ['http://es-1:9200', 'http://es-2:9200'] }).endpoint).toHaveLength(2);
  });
});

describe('several nodes', () => {
  const stored = { status: 200, body: JSON.stringify({ errors: false, items: [{ create: { status: 201 } }] }) };
  const answer = () => ({ ...stored, headers: { 'content-type': 'application/json' } });

  it('take turns', async () => {
    const nodes = [await startHttpServer(answer), await startHttpServer(answer)];
    const destination = await openDestination('elasticsearch', { options: { endpoint: nodes.map(({ url }) => url) } });

    for (let times = 0; times < 4; times += 1) await destination.deliver([sampleEvent()]);

    expect(nodes.map(({ requests }) => requests.length)).toEqual([2, 2]);
    for (const node of nodes) await node.stop();
  });

  it('do not all wait for the one that is gone', async () => {
    const [gone, alive] = [await startHttpServer(answer), await startHttpServer(answer)];
    await gone.stop();
    const destination = await openDestination('elasticsearch', { options: { endpoint: [gone.url, alive.url] } });

    const first = await destination.deliver([sampleEvent()], { now: new Date(1_800_000_000_000) });
    const second = await destination.deliver([sampleEvent()], { now: new Date(1_800_000_000_001) });

    expect([first, second].flat().map((outcome) => outcome.status)).toEqual(['retry', 'delivered']);
    await alive.stop();
  });
});

describe('a certificate authority of its own', () => {
  it('is what requests are made with', async () => {
    const tls = { ca: '-----BEGIN CERTIFICATE-----', insecure: false };
    const seen: unknown[] = [];
    const ctx = {
      options: parsedOptions({ endpoint: 'https://es.example.com', tls }),
      secrets: {},
      signal: AbortSignal.timeout(10_000),
      now: () => new Date(),
      http: async (request: HttpRequest) => {
        seen.push(request.tls);
        return { status: 503, headers: {}, body: '' };
      },
      log: () => {},
      conceal: () => {},
      aws: { region: () => Promise.reject(new Error()), credentials: () => Promise.reject(new Error()) },
    };
    const [parcel] = sink.render([sampleEvent()], ctx.options);
    const client = await sink.connect?.(ctx);

    const outcome = parcel && client && (await sink.send(parcel, client, ctx));

    expect(outcome).toMatchObject({ status: 'retry', code: 'http_503' });
    expect(seen).toEqual([tls]);
  });
});

describe('the shipped index templates', () => {
  const read = (name: string) => JSON.parse(readFileSync(join(sinksFolder, 'elasticsearch', name), 'utf8'));

  it('differ in nothing but the data stream', () => {
    const { data_stream: dataStream, ...rest } = read('data-stream-template.json');
    expect(dataStream).toEqual({});
    expect(read('index-template.json')).toEqual(rest);
  });

  it('map every field of the document', () => {
    const owner = { kind: 'Deployment', name: 'api', guessed: true } as const;
    const [, source] = bulkLines(sampleEventIn({ owner }), history);
    const { properties } = read('index-template.json').template.mappings;
    expect(Object.keys(properties).toSorted()).toEqual(Object.keys(JSON.parse(source)).toSorted());
  });
});

describe('a request to Amazon OpenSearch', () => {
  it.each([
    ['es', 'eu-west-1.es.amazonaws.com'],
    ['aoss', 'eu-west-1.aoss.amazonaws.com'],
    ['es', 'cn-north-1.es.amazonaws.com.cn'],
    ['es', 'eusc-de-east-1.es.amazonaws.eu'],
  ] as const)('is signed for %s at %s as AWS Signature Version 4 defines', async (service, host) => {
    const [region = ''] = host.split('.');
    const request = await signedFor(
      service,
      {
        method: 'POST',
        url: `https://abc.${host}/_bulk?pipeline=a%20b&filter_path=errors%2Citems.*.status`,
        headers: { 'content-type': 'application/x-ndjson', accept: 'application/json' },
        body: '{"create":{}}\n',
      },
      {
        now: () => new Date('2026-11-23T08:00:00Z'),
        aws: {
          region: async () => 'us-east-1',
          credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'key', sessionToken: 'token' }),
        },
      },
    );
    const headers = request.headers ?? {};
    const bodyHash = createHash('sha256').update('{"create":{}}\n').digest('hex');
    expect(headers['x-amz-content-sha256']).toBe(bodyHash);
    const names = ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];
    const canonical = [
      'POST',
      '/_bulk',
      'filter_path=errors%2Citems.%2A.status&pipeline=a%20b',
      ...names.map((name) => `${name}:${headers[name]}`),
      '',
      names.join(';'),
      bodyHash,
    ].join('\n');
    const scope = `20261123/${region}/${service}/aws4_request`;
    const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
    const key = ['20261123', region, service, 'aws4_request'].reduce<string | Buffer>(hmac, 'AWS4key');
    const hash = createHash('sha256').update(canonical).digest('hex');
    const signature = hmac(key, `AWS4-HMAC-SHA256\n20261123T080000Z\n${scope}\n${hash}`).toString('hex');
    expect(headers['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    );
  });
});

function parsedOptions(options: object): Parameters<typeof sink.render>[1] {
  const parsed = parseSettings(config, JSON.stringify(options));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}
