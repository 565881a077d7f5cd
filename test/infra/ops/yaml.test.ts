import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { folderDocuments } from '../../../infra/ops/formats.ts';
import { jsonOfYaml } from '../../../infra/ops/yaml-document.ts';
import { startAws } from '../../support/aws/aws.ts';
import { useFolders } from './folders.ts';
import { ops } from './run.ts';

const folder = useFolders();

describe('a document in YAML', () => {
  test('is what it would be in JSON', () => {
    const anyObject = fc.dictionary(
      fc.string(),
      fc.jsonValue({ maxDepth: 3 }).filter((value) => !Object.is(value, -0)),
    );
    fc.assert(
      fc.property(anyObject, (value) => {
        // As a writer does it who thinks of readers of YAML 1.1.
        const parsed = jsonOfYaml(stringify(value, { compat: 'yaml-1.1', stringKeys: true }));

        expect(parsed).toEqual({ value: JSON.stringify(value) });
      }),
    );
  });

  test('that is JSON is the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), fc.integer()), (value) => {
        const text = JSON.stringify(value);

        expect(jsonOfYaml(text)).toEqual({ value: text });
      }),
    );
  });

  test.each([
    [
      'dates, versions and octal numbers of old',
      'a: 2026-11-23\nb: 1.2.3\nc: 1:30',
      { a: '2026-11-23', b: '1.2.3', c: '1:30' },
    ],
    ['keys that are no texts elsewhere', '1: a\ntrue: b\nno: c', { '1': 'a', true: 'b', no: 'c' }],
    ['quoted words', 'a: "no"\nb: \'on\'', { a: 'no', b: 'on' }],
    ['a version of its own', '%YAML 1.1\n---\na: 0o17\nb: y', { a: 15, b: 'y' }],
    ['anchors', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    [
      'templates',
      'a: ${ event.reason }\nb: |\n  ${ event.message }\n',
      { a: '${ event.reason }', b: '${ event.message }\n' },
    ],
    ['a name that objects have', '__proto__: {a: 1}', JSON.parse('{"__proto__":{"a":1}}')],
  ])('has %s', (_, text, expected) => {
    expect(jsonOfYaml(text)).toEqual({ value: JSON.stringify(expected) });
  });

  test.each([
    ['a: 1\nb: [1,\n', /^is not YAML: .* at line 3, column 1$/],
    ['a: 1\na: 2', /^is not YAML: Map keys must be unique at line 2, column 1$/],
    ['filter:\n\tmatch: []', /^is not YAML: Tabs .* at line 2, column 1$/],
    ['enabled: no', /^has no, .*write true or false, or quote it, at line 1, column 10$/],
    ['a:\n  - On', /^has On, .* at line 2, column 5$/],
    ['? [a]\n: 1', /^is not YAML: .*keys must be strings at line 1, column 3$/],
    ['a: 1\n---\nb: 1', /^is not YAML: there is more than one document at line 2, column 1$/],
    ['a: !!binary aGVsbG8=', /^is not YAML: Unresolved tag at line 1, column 4$/],
    ['a: !include other.yaml', /^is not YAML: Unresolved tag at line 1, column 4$/],
    ['a: *gone', /names an anchor that is not there: quote the value, at line 1, column 4$/],
    ['a: &a [*a]', /^is not usable: its aliases .* stand within what they name$/],
    ['a: .inf', /^has a number that JSON has no word for, at line 1, column 4$/],
    ['', /^is not a YAML mapping/],
    ['- a', /^is not a YAML mapping/],
    [`a: ${'['.repeat(50_000)}`, /^is not YAML: it is nested too deeply/],
    [`a: ${'x'.repeat(70_000)}`, /^is 70003 characters/],
    [
      [
        'a: &a [1,1,1,1,1,1,1,1]',
        ...['b', 'c', 'd', 'e'].map((name, index) => `${name}: &${name} [${`*${'abcd'[index]},`.repeat(8)}]`),
      ].join('\n'),
      /^is not usable: its aliases .* are more than 50$/,
    ],
  ])('%j is refused, with the place', (text, message) => {
    const parsed = jsonOfYaml(text);

    expect('problems' in parsed && parsed.problems[0]?.message).toMatch(message);
  });

  test('is not repeated where it is wrong: it may be a secret', () => {
    const broken = [
      'a: "hidden\nb: hidden',
      'a: hidden: hidden',
      'a: "\\qhidden"',
      'a: *hidden',
      'a: !hidden x',
      'hidden: 1\nhidden: 2',
    ];

    for (const text of broken) expect(JSON.stringify(jsonOfYaml(text))).not.toContain('hidden');
  });
});

describe('a folder with YAML', () => {
  const files = {
    'destinations/webhook/team.yaml': 'filter:\n  match:\n    - type: Warning # what people must know\nmethod: PUT\n',
    'destinations/log/all.yml': '{}\n',
    'destinations/log/json.json': { format: 'text' },
    'secrets/webhook/team.json': { url: 'https://hooks.example.com/hidden' },
    'events.json': sampleKubeEvent,
  };

  test('is validated, routed and previewed as one with JSON', async () => {
    const dir = await folder(files);
    const of = ['--folder', dir, '--events', `${dir}/events.json`];

    const validated = await ops(['validate', '--folder', dir]);
    const routed = await ops(['route', ...of, '--json']);
    const previewed = await ops(['preview', '--destination', 'webhook/team', ...of, '--json']);

    expect(validated).toEqual({ code: 0, out: [], err: ['3 destinations, 0 mistakes'] });
    expect(JSON.parse(routed.out[0] ?? '')).toMatchObject({ destinations: ['log/all', 'log/json', 'webhook/team'] });
    expect(JSON.parse(previewed.out[0] ?? '')).toMatchObject({ destination: 'webhook/team' });
  });

  test('says every mistake with its place, and of a destination in two files which they are', async () => {
    const dir = await folder({
      'destinations/log/a.yaml': 'enabled: true\n  format: text\n',
      'destinations/log/b.yaml': 'formatt: text\n',
      'destinations/log/c.yaml': '{}',
      'destinations/log/c.json': '{}',
      'destinations/webhook/d.yaml': 'enabled: off\n',
      'secrets/webhook/d.json': { url: 'https://hooks.example.com/hidden' },
      'secrets/log/b.yaml': '{}',
    });

    const run = await ops(['validate', '--folder', dir]);

    expect(run.code).toBe(1);
    expect(run.out.map((line) => line.replaceAll(`${dir}/`, ''))).toEqual([
      expect.stringMatching(/^destinations\/log\/a\.yaml: is not YAML: .* at line 1, column 10$/),
      expect.stringMatching(/^destinations\/webhook\/d\.yaml: has off, .* at line 1, column 10$/),
      'destinations/log/c: is in c.json and c.yaml: keep one',
      'secrets/log/b.yaml: is not read (expected <name>.json)',
      'destinations/log/b.yaml: formatt is not a known field (did you mean format?)',
    ]);
  });

  test('is set as JSON, whole or one file of it', async () => {
    const aws = await startAws({ sinks: ['log', 'webhook'] });
    try {
      const dir = await folder(files);
      const whole = await ops(['destinations', 'set', '--folder', dir]);
      await writeFile(
        join(dir, 'one.yaml'),
        '# quieter\nformat: text\nfilter: { match: [{ severity: [critical] }] }\n',
      );
      const one = await ops(['destinations', 'set', 'log/all', '--file', join(dir, 'one.yaml')]);
      await writeFile(join(dir, 'one.yaml'), 'format: [text\n');
      const broken = await ops(['destinations', 'set', 'log/all', '--file', join(dir, 'one.yaml')]);

      expect([whole.code, one.code, broken.code]).toEqual([0, 0, 1]);
      expect(JSON.parse(aws.parameters.get('/kube-courier/destinations/webhook/team') ?? '')).toEqual({
        filter: { match: [{ type: 'Warning' }] },
        method: 'PUT',
      });
      expect(JSON.parse(aws.parameters.get('/kube-courier/destinations/log/all') ?? '')).toEqual({
        format: 'text',
        filter: { match: [{ severity: ['critical'] }] },
      });
      expect(broken.err.join('\n')).toMatch(/one\.yaml: is not YAML: .* at line 2, column 1$/);
    } finally {
      await aws.stop();
    }
  });

  test('is read by what runs on one machine, a broken file and two of one name failing alone', async () => {
    const dir = await folder({
      ...files,
      'destinations/log/broken.yaml': 'a: [1',
      'destinations/log/all.json': '{}',
      'secrets/log/all.yaml': '{}',
    });
    const source = folderDocuments(dir);

    const documents = await source.list('destinations');
    const secrets = await source.list('secrets');

    expect(Object.fromEntries(documents)).toEqual({
      'log/all': { failure: 'is in all.json and all.yml: keep one' },
      'log/broken': { failure: expect.stringMatching(/^is not YAML: .* at line 1, column \d+$/) },
      'log/json': { version: expect.any(String), text: '{"format":"text"}' },
      'webhook/team': {
        version: expect.any(String),
        text: '{"filter":{"match":[{"type":"Warning"}]},"method":"PUT"}',
      },
    });
    expect([...secrets.keys()]).toEqual(['webhook/team']);
  });
});
