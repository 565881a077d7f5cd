import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import axios from 'axios';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventContext } from '../../functions/core/contract/context.ts';
import { clusterEvent, type ClusterEvent } from '../../functions/core/contract/event.ts';
import { sampleContext, sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { archiveLine } from '../../functions/sinks/s3/line.ts';
import { projectFolder } from '../../infra/discover.ts';
import { synthesise } from '../infra/synthesise.ts';
import { asHiveType, glueTable } from '../support/glue-table.ts';
import { openDestination } from '../support/live-destination.ts';
import { moto, startMoto, type MotoService } from '../support/services/moto.ts';
import { requireService } from '../support/services/service.ts';
import { startTrino, trino, type TrinoRow, type TrinoService } from '../support/services/trino.ts';

const BUCKET = 'example-archive';
const DAYS = 3;
const EVENTS = 1000;
const REPEATS = 400;
const CLUSTERS = ['prod', 'eu-1.Staging_x'];
const HOURS = ['00', '07', '23'];
const message = 'quotes "\'` \\ back\\slash\n\t\u0001 emoji 🔥 漢字 \u202E {"a":1}';

const table = glueTable(synthesise({ sinks: 's3', archiveDays: String(DAYS) }), BUCKET);
const columns = table.input.StorageDescriptor.Columns;
const name = `${table.database}.${table.input.Name}`;
// The table knows the days up to now.
const [today = '', yesterday = '', before = '', tooOld = ''] = [0, 1, 2, DAYS + 1].map((days) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10),
);
const events = Array.from({ length: EVENTS }, (_, index) =>
  event(`uid-${index}`, {
    cluster: CLUSTERS[index % 2] ?? '',
    lastSeen: `${index % 5 === 0 ? before : yesterday}T${HOURS[index % 3]}:30:00Z`,
  }),
);

/**
 * Trino is what Athena is made of, and has the code for partition projection, Glue and OpenX' SerDe as Athena documents them.
 * It is not Athena: Amazon's changes, its permissions and its own S3 and Glue (here moto's) are not tested.
 */
describe.runIf(requireService(moto) && requireService(trino))("the archive's table, read by Trino", () => {
  let aws: MotoService;
  let engine: TrinoService;
  let s3: S3Client;

  beforeAll(async () => {
    aws = await startMoto();
    engine = await startTrino(aws);
    s3 = new S3Client({ ...aws.access, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await glue('CreateDatabase', { DatabaseInput: { Name: table.database } });
    await glue('CreateTable', { DatabaseName: table.database, TableInput: table.input });
    await deliver(events);
    await deliver(events.slice(300, 300 + REPEATS));
  });
  afterAll(async () => {
    s3?.destroy();
    await engine?.stop();
    await aws?.stop();
  });

  it('finds every object of the clusters and days that a query names, by the path alone', async () => {
    const found = await engine.query(
      `SELECT cluster, "date", hour, count(DISTINCT id) AS n FROM ${name} WHERE cluster IN ('prod', 'eu-1.Staging_x') AND "date" BETWEEN '${before}' AND '${yesterday}' GROUP BY 1, 2, 3`,
    );
    const written = Map.groupBy(events, ({ cluster, lastSeen }) => [cluster, ...dayAndHour(lastSeen)].join(' '));

    expect(new Map(found.map((row) => [[row['cluster'], row['date'], row['hour']].join(' '), row['n']]))).toEqual(
      new Map([...written].map(([place, { length }]) => [place, length])),
    );
  });

  it('asks for the days that the archive keeps, where a query names none', async () => {
    const times = [`${today}T00:00:01Z`, `${tooOld}T00:00:01Z`];
    await deliver(times.map((lastSeen) => event(lastSeen, { cluster: 'days', lastSeen })));

    expect(await engine.query(`SELECT uid FROM ${name} WHERE cluster = 'days'`)).toEqual([{ uid: times[0] }]);
  });

  it('refuses a query that names no cluster', async () => {
    await expect(engine.query(`SELECT count(*) FROM ${name}`)).rejects.toThrow(/Injected projection requires/);
  });

  it('gives each event once by the statement of the guide, of those that were archived twice', async () => {
    const [, statement = ''] = /`(SELECT \* FROM \(SELECT \*, row_number\(\)[^`]+)`/.exec(await guide()) ?? [];
    const found = await engine.query(statement.replace('2026-11-23', yesterday));
    const all = await engine.query(
      `SELECT count(*) AS n FROM ${name} WHERE cluster = 'prod' AND "date" IN ('${before}', '${yesterday}')`,
    );

    const expected = events.filter(({ cluster, lastSeen }) => cluster === 'prod' && lastSeen.startsWith(yesterday));
    expect(found).toHaveLength(expected.length);
    expect(new Set(found.map((row) => row['id']))).toEqual(new Set(expected.map(({ id }) => id)));
    expect(all).toEqual([{ n: (EVENTS + REPEATS) / 2 }]);
  });

  it('answers the query of the guide', async () => {
    const [, statement = ''] = /```sql\n(SELECT[^`]+);\n```/.exec(await guide()) ?? [];
    const found = await engine.query(statement.replace('2026-11-23', before).replace('2026-11-24', yesterday));

    expect(found).toHaveLength((EVENTS + REPEATS) / 2);
    expect(found[0]).toMatchObject({ reason: 'BackOff', name: 'api-7d9f', message });
    const times = found.map((row) => String(row['lastseen']));
    expect(times).toEqual(times.toSorted());
  });

  it('reads each column of an event as its type says, with and without what the relay knew of the object', async () => {
    const bare = event('bare', { cluster: 'columns', lastSeen: `${today}T00:00:01Z` }, {});
    const full = event('full', { cluster: 'columns', lastSeen: `${today}T00:00:02Z` });
    await deliver([bare, full]);
    const found = await engine.query(
      `SELECT * FROM ${name} WHERE cluster = 'columns' AND "date" = '${today}' ORDER BY lastseen`,
    );

    expect(found).toEqual([bare, full].map(asRow));
  });

  it('keeps labels apart that differ only in case', async () => {
    const labels = { app: 'a', App: 'b' };
    const one = event('case', { cluster: 'case', lastSeen: `${today}T00:00:01Z` }, { ...sampleContext, labels });
    await deliver([one]);
    const found = await engine.query(`SELECT * FROM ${name} WHERE cluster = 'case' AND "date" = '${today}'`);

    expect(found).toEqual([asRow(one)]);
  });

  it('reads the lines beside one that is cut off', async () => {
    const [a, b] = ['a', 'b'].map((uid) => archiveLine(event(uid, { cluster: 'cut', lastSeen: `${today}T00:00:01Z` })));
    const Body = gzipSync(`${a}\n${b?.slice(0, 200)}\n${b}\n`);
    const Key = `events/cluster=cut/date=${today}/hour=00/1-x.ndjson.gz`;
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    const found = await engine.query(
      `SELECT uid FROM ${name} WHERE cluster = 'cut' AND "date" = '${today}' AND id IS NOT NULL ORDER BY uid`,
    );

    expect(found).toEqual([{ uid: 'a' }, { uid: 'b' }]);
  });

  async function deliver(batch: readonly ClusterEvent[]): Promise<void> {
    const destination = await openDestination('s3', { options: { bucket: BUCKET, endpoint: aws.url } });
    const outcomes = await destination.deliver(batch);
    await destination.close();
    expect(new Set(outcomes)).toEqual(new Set([{ status: 'delivered' }]));
  }

  /** Glue's API, which CloudFormation calls with what a template has. */
  async function glue(operation: string, input: object): Promise<void> {
    const headers = {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AWSGlue.${operation}`,
      Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${aws.access.region}/glue/aws4_request, SignedHeaders=host, Signature=0`,
    };
    await axios.post(aws.url, JSON.stringify(input), { headers, proxy: false });
  }
});

function event(
  uid: string,
  { cluster, lastSeen }: { readonly cluster: string; readonly lastSeen: string },
  context: EventContext = sampleContext,
): ClusterEvent {
  const metadata = { ...sampleKubeEvent.metadata, uid };
  return clusterEvent({
    cluster,
    seenAt: lastSeen,
    change: 'added',
    context,
    event: { ...sampleKubeEvent, metadata, message, lastTimestamp: lastSeen },
  });
}

function guide(): Promise<string> {
  return readFile(join(projectFolder, 'infra/ARCHIVE.md'), 'utf8');
}

/** The row of an event, by the table's declaration. */
function asRow(archived: ClusterEvent): TrinoRow {
  const line = new Map(
    Object.entries(JSON.parse(archiveLine(archived))).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const [date, hour] = dayAndHour(archived.lastSeen);
  return {
    ...Object.fromEntries(columns.map(({ Name, Type }) => [Name, asHiveType(line.get(Name), Type)])),
    cluster: archived.cluster,
    date,
    hour,
  };
}

function dayAndHour(instant: string): readonly string[] {
  return [instant.slice(0, 10), instant.slice(11, 13)];
}
