import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of the package that a file is of, however deep. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const TEXT = /^(?:licen[cs]e|copying|notice)/i;

/** The licences of the packages that files are of, with their texts: what is built in does not have them any more. */
export async function licences(files: readonly string[], folder: string): Promise<string> {
  const packages = new Set(files.flatMap((file) => PACKAGE.exec(file) ?? []));
  const all = await Promise.all([...packages].map((each) => licence(join(folder, each))));
  return [...new Set(all)].toSorted((one, other) => one.localeCompare(other, 'en')).join(`\n${'-'.repeat(80)}\n\n`);
}

async function licence(folder: string): Promise<string> {
  const { name, version, license = 'see below' } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const names = (await readdir(folder)).filter((file) => TEXT.test(file)).toSorted();
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name} ${version}: ${license}`, '', ...texts].join('\n');
}
