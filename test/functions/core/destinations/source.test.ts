import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentSource } from '../../../../functions/core/destinations/documents.ts';
import { openSource } from '../../../../functions/core/destinations/source.ts';
import { testAccess } from '../../../support/aws/access.ts';

const open = (location: string | undefined): DocumentSource => openSource(location, testAccess, {});

it.each([undefined, '', 'ssm:relative', 'ssm:relative/', 'http://x', 'file:', 'my-ssm:/x', 'file:a\nb'])(
  'DESTINATIONS=%j is refused, with what it is and what it must be',
  (wrong) => {
    const said = wrong === undefined ? 'not set' : wrong;
    expect(() => open(wrong)).toThrow(`DESTINATIONS is ${said}, expected ssm:/<prefix> or file:<folder>`);
  },
);

it('a prefix of SSM is read at most every half minute, a folder each second', () => {
  const ages = Array.from({ length: 50 }, () => open('ssm:/courier').maxAgeMs());
  for (const age of ages) {
    expect(age).toBeGreaterThanOrEqual(30_000);
    expect(age).toBeLessThanOrEqual(45_000);
  }
  expect(open('file:folder').maxAgeMs()).toBe(1000);
});

describe('a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'courier-'));
    return () => rmSync(folder, { recursive: true });
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  it('lists <type>/<name>.json with the text, of all types or of one, and nothing else', async () => {
    write('destinations/log/a.json', '{"a":1}');
    write('destinations/log/.hidden.json', '{}');
    write('destinations/log/notes.txt', 'x');
    write('destinations/webhook/b.json', '{}');
    write('destinations/README.md', 'x');
    const source = open(`file:${folder}`);
    expect([...(await source.list('destinations')).keys()].toSorted()).toEqual(['log/a', 'webhook/b']);
    expect(await source.list('destinations', 'log')).toEqual(
      new Map([['log/a', { version: expect.stringMatching(/^[0-9a-f]{16}$/), text: '{"a":1}' }]]),
    );
    expect(await source.list('secrets', 'log')).toEqual(new Map());
  });

  it('gives a text another version, and the same text the same', async () => {
    const source = open(`file:${folder}`);
    const versionOf = async (text: string): Promise<unknown> => {
      write('destinations/log/a.json', text);
      return (await source.read('destinations', ['log/a'])).get('log/a');
    };
    const first = await versionOf('{}');
    expect(await versionOf('{ }')).not.toEqual(first);
    expect(await versionOf('{}')).toEqual(first);
    expect(await source.read('destinations', ['log/gone'])).toEqual(new Map());
  });

  it('reads the others where one file cannot be read', async () => {
    write('destinations/log/a.json', '{}');
    mkdirSync(join(folder, 'destinations/log/b.json'));
    const listed = await open(`file:${folder}`).list('destinations', 'log');
    expect(listed.get('log/a')).toMatchObject({ text: '{}' });
    expect(listed.get('log/b')).toEqual({ failure: 'EISDIR' });
  });

  it('lists silences/<name>.json with the text, and none where there is no such folder', async () => {
    const source = open(`file:${folder}`);
    expect(await source.list('silences')).toEqual(new Map());
    write('silences/rollout.json', '{"why":"x"}');
    write('silences/.hidden.json', '{}');
    write('silences/notes.txt', 'x');
    mkdirSync(join(folder, 'silences/odd.json'));
    expect(await source.list('silences')).toEqual(
      new Map<string, unknown>([
        ['odd', { failure: 'EISDIR' }],
        ['rollout', { version: expect.stringMatching(/^[0-9a-f]{16}$/), text: '{"why":"x"}' }],
      ]),
    );
  });

  it('that is not there is an error, not "no destinations"', async () => {
    await expect(open(`file:${folder}/gone`).list('destinations')).rejects.toThrow('ENOENT');
  });
});
