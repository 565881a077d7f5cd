/**
 * `npm run docs`: writes what the code knows into the documentation: option tables, examples and codes of sinks, JSON
 * Schemas, the tables of sinks and of cost. With `--check`, only says what is not up to date, and exits with 1 if anything is.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SinkCase } from '../functions/core/contract/case.ts';
import { commonCodes } from '../functions/core/contract/codes.ts';
import type { SinkConfig } from '../functions/core/contract/config.ts';
import { recoveries } from '../functions/core/contract/recovery.ts';
import { assessments } from '../functions/core/contract/severity.ts';
import { loadConfigs, projectFolder } from './discover.ts';
import { costSections } from './docs/cost-tables.ts';
import { documentSchema, silenceDocumentSchema } from './docs/schema.ts';
import {
  codesSection,
  codeTable,
  exampleSection,
  optionsSection,
  recoveryTable,
  severityTable,
  sinksTable,
} from './docs/tables.ts';

/** A generated file, as it should be. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** The files that are generated in whole or in part, with the contents they should have. */
export async function generate(project: string = projectFolder): Promise<readonly GeneratedFile[]> {
  const configs = await loadConfigs(project);
  const sinks = await Promise.all(configs.map((config) => sinkFiles(config, project)));
  const costs = costSections(configs);
  const sections = {
    'common-codes': codeTable(commonCodes).join('\n'),
    severities: severityTable(assessments).join('\n'),
    recoveries: recoveryTable(recoveries).join('\n'),
  };
  const guides = globSync('{*,functions/*,infra/*}.md', { cwd: project }).map((path) => {
    const text = readFileSync(join(project, path), 'utf8');
    const language = path.endsWith('.zh-CN.md') ? 'zh' : 'en';
    return {
      path,
      text: withSections(text, { ...sections, sinks: sinksTable(configs, language), cost: costs[language] }),
    };
  });
  const silences = { path: join('functions', 'silence.schema.json'), text: jsonText(silenceDocumentSchema()) };
  return [...sinks.flat(), silences, ...guides];
}

async function sinkFiles(config: SinkConfig, project: string): Promise<readonly GeneratedFile[]> {
  const folder = join('functions', 'sinks', config.type);
  const readme = join(project, folder, 'README.md');
  const schema = { path: join(folder, 'schema.json'), text: jsonText(documentSchema(config)) };
  if (!existsSync(readme)) return [schema];
  const module: { readonly cases: readonly SinkCase[] } = await import(
    pathToFileURL(join(project, folder, 'cases.ts')).href
  );
  const [example] = module.cases;
  const text = withSections(readFileSync(readme, 'utf8'), {
    options: optionsSection(config),
    codes: codesSection(config.codes),
    ...(example && { example: exampleSection(example) }),
  });
  return [{ path: join(folder, 'README.md'), text }, schema];
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A text whose sections, from `<!-- name -->` to `<!-- /name -->`, are replaced where it has them. */
export function withSections(text: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((whole, [name, section]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
    return from < 0 || to < from ? whole : `${whole.slice(0, from)}${start}\n${section}\n${whole.slice(to)}`;
  }, text);
}

if (import.meta.main) {
  const stale = (await generate()).filter(({ path, text }) => {
    const file = join(projectFolder, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  const isCheck = process.argv.includes('--check');
  for (const { path, text } of stale) {
    if (!isCheck) writeFileSync(join(projectFolder, path), text);
    process.stdout.write(`${isCheck ? 'not up to date' : 'written'}: ${relative('.', join(projectFolder, path))}\n`);
  }
  if (isCheck && stale.length > 0) {
    process.stderr.write('run: npm run docs\n');
    process.exitCode = 1;
  }
}
