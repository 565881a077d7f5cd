import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLUSTER_NAME } from '../../functions/core/contract/cluster-name.ts';
import { sampleContext, sampleEvent, sampleEventIn } from '../../functions/core/contract/sample.ts';
import { recordOf } from '../../functions/core/contract/untrusted.ts';
import { archiveLine } from '../../functions/sinks/s3/line.ts';
import { sink } from '../../functions/sinks/s3/sink.ts';
import { ARCHIVE_PREFIX } from '../../infra/stack/parse-outputs.ts';
import { anyText } from '../support/any-text.ts';
import { asHiveType, glueTable } from '../support/glue-table.ts';
import { synthesise } from './synthesise.ts';

const BUCKET = 'example-archive';
const { Parameters, StorageDescriptor, PartitionKeys } = glueTable(
  synthesise({ sinks: 's3', archiveDays: '400' }),
  BUCKET,
).input;

/** The values that the projection makes for a partition's column, by https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html */
function projected(column: string, instant: Date): readonly string[] {
  const of = (property: string): string => Parameters[`projection.${column}.${property}`] ?? '';
  switch (of('type')) {
    case 'date': {
      expect([of('format'), of('interval'), of('interval.unit')]).toEqual(['yyyy-MM-dd', '1', 'DAYS']);
      const [, days = ''] = /^NOW-(\d+)DAYS,NOW$/.exec(of('range')) ?? [];
      return Array.from({ length: Number(days) + 1 }, (_, ago) =>
        new Date(instant.getTime() - ago * 86_400_000).toISOString().slice(0, 10),
      );
    }
    case 'integer': {
      const [from = 0, to = 0] = of('range').split(',').map(Number);
      return Array.from({ length: to - from + 1 }, (_, n) => String(from + n).padStart(Number(of('digits')), '0'));
    }
    default:
      throw new Error(`${column} is projected as ${of('type')}`);
  }
}

test('the object of every event that is kept lies where the table looks for it', () => {
  const cluster = fc.stringMatching(CLUSTER_NAME);
  const now = fc.date({ min: new Date('2026-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
  const ago = fc.integer({ min: 0, max: 400 * 86_400_000 });
  fc.assert(
    fc.property(cluster, now, ago, (name, instant, age) => {
      const lastTimestamp = new Date(instant.getTime() - age).toISOString();
      const event = { ...sampleEvent({ lastTimestamp }), cluster: name };
      const [request] = sink.render([event], { bucket: BUCKET, prefix: ARCHIVE_PREFIX });
      const folder = `s3://${BUCKET}/${request?.payload.Key.replace(/\/[^/]+$/, '')}`;

      // Injected: whatever the query says.
      expect(Parameters['projection.cluster.type']).toBe('injected');
      const template = (Parameters['storage.location.template'] ?? '').replaceAll('${cluster}', name);
      const days = projected('date', instant).filter((day) => lastTimestamp.startsWith(day));
      const places = days.flatMap((day) =>
        projected('hour', instant).map((hour) => template.replaceAll('${date}', day).replaceAll('${hour}', hour)),
      );
      expect(places.filter((place) => place === folder)).toHaveLength(1);
      expect(`${folder}/`.startsWith(StorageDescriptor.Location)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the type of each column holds what the sink writes, whatever an event is', () => {
  const text = anyText(40);
  const fields = fc.record(
    {
      message: fc.oneof(text, fc.anything()),
      reason: fc.oneof(text, fc.anything()),
      action: fc.anything(),
      // The API has numbers of 32 bits.
      count: fc.oneof(
        fc.integer(),
        fc.double({ max: 2 ** 31 - 1 }),
        fc.anything().filter((value) => typeof value !== 'number'),
      ),
      type: fc.anything(),
      source: fc.oneof(fc.record({ component: fc.anything(), host: text }), fc.anything()),
      involvedObject: fc.oneof(fc.record({ kind: text, name: fc.anything(), fieldPath: text }), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const labels = fc.dictionary(text, text);
  fc.assert(
    fc.property(fields, labels, (field, known) => {
      const context = { ...sampleContext, labels: known, namespaceAnnotations: known };
      const parsed: Readonly<Record<string, unknown>> = JSON.parse(
        archiveLine(sampleEventIn(context, Object.fromEntries(Object.entries(field)))),
      );
      const line = new Map(Object.entries(parsed).map(([key, value]) => [key.toLowerCase(), value]));
      for (const { Name, Type } of StorageDescriptor.Columns)
        expect(() => asHiveType(line.get(Name), Type)).not.toThrow();
      expect(new Set(line.keys()).size).toBe(Object.keys(parsed).length);
    }),
    { numRuns: 500 },
  );
});

test('the lines are read as JSON, by a SerDe that is told which names have capitals', () => {
  const declared = StorageDescriptor.Columns.flatMap(({ Name, Type }) => [Name, ...(Type.match(/\w+(?=:)/g) ?? [])]);
  const capitalised = fieldsOf(JSON.parse(archiveLine(sampleEventIn(sampleContext)))).filter(
    (name) => name !== name.toLowerCase() && declared.includes(name.toLowerCase()),
  );
  expect(StorageDescriptor.SerdeInfo).toEqual({
    SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
    Parameters: {
      'ignore.malformed.json': 'true',
      'case.insensitive': 'false',
      ...Object.fromEntries(capitalised.map((name) => [`mapping.${name.toLowerCase()}`, name])),
    },
  });
  const names = [...StorageDescriptor.Columns, ...PartitionKeys].map(({ Name }) => Name);
  expect(names).toEqual(names.map((name) => name.toLowerCase()));
  expect(new Set(names).size).toBe(names.length);
});

/** The names of a line's fields, and of the fields in these. */
function fieldsOf(line: object): readonly string[] {
  const { seen: _, ...view } = recordOf(line);
  return [...Object.keys(view), ...Object.values(view).flatMap((value) => Object.keys(recordOf(value)))];
}
