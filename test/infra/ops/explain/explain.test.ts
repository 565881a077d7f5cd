import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfigs, sinkTypes } from '../../../../infra/discover.ts';
import { skeletonOf } from '../../../../infra/ops/explain/skeleton.ts';
import { startAws } from '../../../support/aws/aws.ts';
import { folderOf, ops, remove } from '../run.ts';

const configs = await loadConfigs();

describe('explain', () => {
  test('lists every sink without one', async () => {
    const run = await ops(['explain']);
    const json = await ops(['explain', '--json']);

    expect(run.code).toBe(0);
    expect(run.out.map((line) => line.split(' ')[0])).toEqual(sinkTypes());
    expect(run.out).toContainEqual(expect.stringMatching(/^kafka +Kafka \(store or transport\)$/));
    expect(JSON.parse(json.out[0] ?? '')).toMatchObject({ sink: sinkTypes()[0], kind: expect.any(String) });
  });

  test.each(configs.map((config) => [config.type, config] as const))(
    'names every field of %s',
    async (type, config) => {
      const run = await ops(['explain', type]);
      const json = await ops(['explain', type, '--json']);

      expect(run.code).toBe(0);
      const names = run.out.flatMap((line) => /^ {2}([\w$.]+): /.exec(line)?.[1] ?? []);
      const own = [...Object.keys(config.options.shape), ...Object.keys(config.secrets.shape)];
      expect(names).toEqual(expect.arrayContaining([...own, 'enabled', 'filter', 'filter.match', 'repeats']));
      expect(new Set(names).size).toBe(names.length);
      expect(run.out.at(-1)).toContain(`functions/sinks/${type}/README.md`);
      const secrets = json.out
        .map((line) => JSON.parse(line))
        .filter((field) => field.secret && !field.name.includes('.'));
      expect(secrets.map(({ name }) => name)).toEqual(Object.keys(config.secrets.shape));
    },
  );

  test('says type, default, whether it is required and secret, and an example', async () => {
    const webhook = await ops(['explain', 'webhook']);
    const field = await ops(['explain', 'webhook.reply.success']);

    expect(webhook.out.join('\n')).toContain(
      '  method: POST, PUT, PATCH, GET, DELETE; default POST\n      The HTTP method. Example: PUT',
    );
    expect(webhook.out.join('\n')).toContain('  url: text; secret; required\n      Where to send.');
    expect(field.out[0]).toBe('  reply.success: any JSON or list of any JSON; required');
    expect(field.out).toHaveLength(2);
  });

  test.each([
    [['slak'], 1, 'there is no sink type slak (did you mean slack?)'],
    [['slack.chanel'], 1, 'slack has no field chanel (did you mean channel?)'],
    [['slack.'], 0, undefined],
    [['--skeleton'], 2, '--skeleton needs a sink: see explain without it'],
  ])('%j ends with %i and what was meant', async (argv, code, message) => {
    const run = await ops(['explain', ...argv]);

    expect(run.code).toBe(code);
    expect(run.err[0]).toBe(message);
  });
});

describe('the skeleton', () => {
  test.each(configs.map((config) => [config.type, config] as const))(
    'of %s is valid with its secrets',
    async (type, config) => {
      const { document, secrets } = skeletonOf(config);
      const folder = await folderOf({
        [`destinations/${type}/a.json`]: document,
        ...(Object.keys(secrets).length > 0 && { [`secrets/${type}/a.json`]: secrets }),
      });

      const run = await ops(['validate', '--folder', folder]);
      await remove(folder);

      expect(run).toEqual({ code: 0, out: [], err: ['1 destination, 0 mistakes'] });
    },
  );

  test('can be set as it is printed, once its secrets are given', async () => {
    const aws = await startAws({ sinks: ['webhook'] });
    try {
      const printed = await ops(['explain', 'webhook', '--skeleton']);
      const folder = await folderOf({ 'file.json': printed.out.join('\n') });
      const set = ['destinations', 'set', 'webhook/a', '--file', join(folder, 'file.json')];
      const without = await ops(set);
      const run = await ops([...set, '--secret', 'url'], { askSecret: async () => 'https://hooks.example.com/x' });
      await remove(folder);

      expect(printed.err).toEqual([expect.stringContaining('destinations set webhook/NAME --file FILE --secret url')]);
      expect([without.code, run.code]).toEqual([1, 0]);
    } finally {
      await aws.stop();
    }
  });
});
