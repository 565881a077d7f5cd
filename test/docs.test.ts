import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Alarm, CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { commonFieldsOf } from '../functions/core/destinations/destination.ts';
import { loadConfig, loadConfigs, projectFolder, sinkTypes } from '../infra/discover.ts';
import { parseSettings, settingNames } from '../infra/stack/settings.ts';
import { createStack } from './infra/synthesise.ts';
import {
  contextMistakes,
  contextOf,
  destinationMistakes,
  opsMistakes,
  silenceMistakes,
} from './support/guide-checks.ts';
import { kubectl, projectCopy, runnable, runShell } from './support/guide-shell.ts';
import {
  anchors,
  commandsOf,
  fences,
  guides,
  headings,
  links,
  opsWords,
  parseCommands,
  readGuide,
  section,
  shellLines,
} from './support/guides.ts';

const all = guides();
const commands = all.flatMap(commandsOf);
const configs = await loadConfigs();

describe('the guides', () => {
  it('link to files and headings that exist', () => {
    const known = new Map(all.map((guide) => [guide.file, anchors(guide)]));

    const broken = all.flatMap((guide) =>
      links(guide).flatMap(({ file, anchor }) => {
        if (!existsSync(join(projectFolder, file))) return [`${guide.file}: ${file} does not exist`];
        const isKnown = anchor === '' || known.get(file)?.has(anchor) === true;
        return isKnown ? [] : [`${guide.file}: ${file} has no heading #${anchor}`];
      }),
    );

    expect(broken).toEqual([]);
  });

  it('show destinations, secrets and silences that are valid', async () => {
    const mistakes = await Promise.all(all.map(destinationMistakes));

    expect(mistakes.flat()).toEqual([]);
    expect(all.flatMap(silenceMistakes)).toEqual([]);
    expect(all.flatMap(fences).some(({ tags }) => tags[0] === 'silence')).toBe(true);
  });

  it('name fields that a sink has, in the steps that set it up', async () => {
    const unknown: string[] = [];
    for (const type of sinkTypes()) {
      const known = await fieldsOf(type);
      const steps = readGuide(`functions/sinks/${type}/README.md`).tokens.filter((token) => token.type === 'list_item');
      for (const [, text = ''] of steps.flatMap(({ raw }) => [...raw.matchAll(/`(\{"[^`]*\})`/g)])) {
        const document: object = JSON.parse(text);
        unknown.push(...Object.keys(document).flatMap((name) => (known.includes(name) ? [] : [`${type}: ${name}`])));
      }
    }

    expect(unknown).toEqual([]);
  });

  it('name scripts that exist', async () => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
      await readFile(join(projectFolder, 'package.json'), 'utf8'),
    );

    const unknown = commands.filter(({ words: [program, verb = '', ...rest] }) => {
      const script = verb === 'run' ? rest.find((word) => !word.startsWith('-')) : verb;
      const isOwn = program === 'npm' && !['ci', 'install', 'pack'].includes(verb) && script !== undefined;
      return isOwn && !Object.hasOwn(scripts, script);
    });

    expect(unknown).toEqual([]);
  });

  it("use the operator's commands and options as they are", async () => {
    const used = commands.flatMap(({ file, words }) => {
      const own = opsWords(words);
      return own ? [{ file, own }] : [];
    });

    const mistakes = await Promise.all(
      used.map(async ({ file, own }) => (await opsMistakes(own)).map((mistake) => `${file}: ${mistake}`)),
    );

    expect(used.length).toBeGreaterThan(20);
    expect(mistakes.flat()).toEqual([]);
  });

  it('set settings of the stack that exist, to values that it takes', () => {
    const used = commands.flatMap(({ file, words }) => {
      const context = contextOf(words);
      return context.length > 0 ? [{ file, context }] : [];
    });

    const mistakes = used.flatMap(({ file, context }) =>
      contextMistakes(context).map((mistake) => `${file}: ${mistake}`),
    );

    const isSettings = ({ tags: [kind, name] }: { readonly tags: readonly string[] }): boolean =>
      kind === 'settings' || (kind === 'file' && /^(kube-courier|courier-\w+)\.json$/.test(name ?? ''));
    const files = all.flatMap(fences).filter(isSettings);
    for (const { text } of files) expect(parseSettings(JSON.parse(text), configs)).toBeDefined();
    expect(files.length).toBeGreaterThan(4);
    expect(mistakes).toEqual([]);
  });

  it('print manifests of clusters that their settings list', () => {
    const printed = commands.flatMap(({ file, words }) => {
      const [group, verb, option, cluster] = opsWords(words) ?? [];
      const isWhole = group === 'relay' && verb === 'manifest' && option === '--cluster' && cluster !== undefined;
      return isWhole ? [{ file, cluster }] : [];
    });

    const unlisted = printed.filter(({ file, cluster }) => {
      const text = readGuide(file)
        .tokens.map(({ raw }) => raw)
        .join('');
      return !new RegExp(`"clusters": \\[[^\\]]*"${cluster}"`).test(text);
    });

    expect(printed.length).toBeGreaterThan(3);
    expect(unlisted).toEqual([]);
  });

  it.each(all.filter((guide) => runnable(guide).length > 0).map((guide) => [guide.file, guide] as const))(
    'have commands that work as they stand: %s',
    async (_, guide) => {
      const folder = await projectCopy(guide);
      try {
        for (const line of runnable(guide)) expect(await runShell(line, folder.path)).toMatchObject({ line, code: 0 });
        // What the guide shows as their result is their result.
        const shown = fences(guide).filter(({ tags: [kind] }) => kind === 'imported');
        for (const { tags, text } of shown) {
          const [file = ''] = globSync(`*/destinations/${tags[1]}.json`, { cwd: folder.path });
          expect(JSON.parse(await readFile(join(folder.path, file), 'utf8'))).toEqual(JSON.parse(text));
        }
      } finally {
        await folder.remove();
      }
    },
    300_000,
  );
});

describe('the route by labels', () => {
  it.each([
    ['functions/DESTINATIONS.md', /kubectl get events,namespaces .*--folder DIR /],
    ['infra/MIGRATING.md', /kubectl get events,pods .*--folder teams /],
  ])('leads an event to its team: %s', async (file, command) => {
    const guide = readGuide(file);
    const copy = await projectCopy(guide);
    try {
      const lines = runnable(guide).filter((line) => command.test(line) || line.includes('--out teams'));
      const runs = [];
      for (const line of lines) runs.push(await runShell(line, copy.path));

      expect(runs.at(-1)).toMatchObject({ code: 0, output: expect.stringMatching(/^ {2}-> webhook\/payments \(/m) });
    } finally {
      await copy.remove();
    }
  });
});

describe('the silence', () => {
  it('holds back in the folder what the guide says it does', async () => {
    const guide = readGuide('functions/DESTINATIONS.md');
    const copy = await projectCopy(guide);
    try {
      const lines = runnable({ ...guide, tokens: section(guide, 'Silences').tokens });
      const runs = [];
      for (const line of lines) runs.push(await runShell(line, copy.path));

      const [added, routed, listed, removed] = runs;
      expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(added?.output).toMatch(/^destinations: .*dingtalk\/shop/m);
      expect(routed?.output).toMatch(/^ {5}dingtalk\/shop: the silence rollout holds it until /m);
      expect(listed?.output).toMatch(/^rollout: until .* holds reason BackOff and namespace shop$/m);
      expect(removed?.output).toBe('removed rollout\n');
    } finally {
      await copy.remove();
    }
  });
});

describe('the Chinese README', () => {
  it('names every sink', () => {
    const linked = links(readGuide('README.zh-CN.md')).map(({ file }) => file);

    expect(linked).toEqual(expect.arrayContaining(sinkTypes().map((type) => `functions/sinks/${type}/README.md`)));
  });

  it('has the commands of the English one', () => {
    const [chinese, english] = ['README.zh-CN.md', 'README.md'].map((file) => shellLines(readGuide(file)));

    expect(chinese).toEqual(expect.arrayContaining([...(english ?? [])]));
  });
});

describe('the guide to migrating', () => {
  it('names fields that the sinks have', async () => {
    let type = '';
    const unknown: string[] = [];
    for (const [sink = '', , fields = ''] of tableRows('infra/MIGRATING.md', '`--sink`')) {
      type = /`([\w-]+)`/.exec(sink)?.[1] ?? type;
      if (!sinkTypes().includes(type) || sink === 'any') continue;
      const known = await fieldsOf(type);
      for (const [, name = ''] of fields.matchAll(/`(\w+)`/g))
        if (!known.includes(name)) unknown.push(`${type}: ${name}`);
    }

    expect(unknown).toEqual([]);
  });
});

describe('the guide to deploying', () => {
  const rows = settingRows();

  it('names every setting', () => {
    const names = [
      ...settingNames.general,
      ...settingNames.sink.filter((name) => ['policy', 'targets'].includes(name)),
    ];

    expect(rows.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it('says the default of every setting that has one', () => {
    const settings = parseSettings({}, configs);
    const [log] = settings.sinks;
    const defaults = Object.entries({ ...log, ...settings, sinks: 'log' }).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [{ name, value: `${value}` }],
    );

    const shown = rows.filter(({ name }) => defaults.some((each) => each.name === name));
    const wrong = shown.filter(
      ({ name, value }) => !defaults.some((each) => each.name === name && each.value === value),
    );

    expect(shown.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });
});

describe.runIf(kubectl !== undefined)('kustomize, as the guide to deploying shows it', () => {
  it('leaves the relay the right to its Lease, and gives it image, settings and role', async () => {
    const folder = await projectCopy(readGuide('infra/DEPLOYING.md'));
    try {
      const { output } = await runShell('kubectl kustomize .', folder.path);

      expect(output).toContain('resourceNames:\n  - kube-courier-relay\n');
      expect(output).toContain('image: registry.example.com/kube-courier-relay:0.1.0');
      expect(output).toContain('CLUSTER_NAME: prod');
      expect(output).toContain('eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/kube-courier-relay');
    } finally {
      await folder.remove();
    }
  });
});

describe('the guide to operating', () => {
  const { stack } = createStack({ sinks: 'log', clusters: 'prod' });
  const alarms = stack.node.findAll().filter((construct) => construct instanceof Alarm);

  it('has a section for every alarm that says how urgent it is, and for no other', () => {
    const known = alarms.map(({ node: { id, defaultChild } }) => {
      const actions =
        defaultChild instanceof CfnAlarm ? [defaultChild.alarmActions, defaultChild.insufficientDataActions] : [];
      const [, topic = ''] = /Alarms(Page|Ticket)/.exec(JSON.stringify(stack.resolve(actions))) ?? [];
      return `${id.replace(/-.*|\d+$/, '')} (${topic.toLowerCase()})`;
    });
    const found = headings(readGuide('infra/OPERATING.md'));
    const after = found.slice(found.findIndex(({ text }) => text === 'Alarms') + 1);
    const sections = after.slice(
      0,
      after.findIndex(({ depth }) => depth <= 2),
    );

    expect(sections.map(({ text }) => text).toSorted()).toEqual([...new Set(known)].toSorted());
  });

  it('is led to by descriptions of alarms that name commands which exist', async () => {
    const descriptions = alarms.map(({ node: { defaultChild } }) =>
      JSON.stringify(defaultChild instanceof CfnAlarm ? stack.resolve(defaultChild.alarmDescription) : ''),
    );
    const used = descriptions.flatMap((text) => [...text.matchAll(/npm run -s ops -- [^.;"]*/g)].map(([line]) => line));

    const mistakes = await Promise.all(
      used.flatMap(parseCommands).map(async (words) => opsMistakes(opsWords(words) ?? [])),
    );

    expect(used.length).toBeGreaterThan(10);
    expect(mistakes.flat()).toEqual([]);
  });
});

/** The names that the documents of a sink type may have at their top. */
async function fieldsOf(type: string): Promise<readonly string[]> {
  const config = await loadConfig(type);
  const { options, secrets } = config;
  return [commonFieldsOf(config), options.shape, secrets.shape].flatMap(Object.keys);
}

/** The settings in the tables of the guide to deploying: name and default. */
function settingRows(): readonly { readonly name: string; readonly value: string }[] {
  return tableRows('infra/DEPLOYING.md', 'setting').map(([name = '', value = '']) => ({
    name: name.replaceAll('`', '').split('.').at(-1) ?? '',
    value: value.replaceAll('`', ''),
  }));
}

/** The rows of all tables of a guide whose first column has this title, as their cells' source. */
function tableRows(file: string, title: string): readonly (readonly string[])[] {
  return readGuide(file).tokens.flatMap((token) => {
    if (token.type !== 'table') return [];
    const rows: readonly string[] = token.raw.trim().split('\n');
    const [head, , ...body] = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    return head?.[0] === title ? body : [];
  });
}
