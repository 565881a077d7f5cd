import { nearest } from '../../../../functions/core/kit/nearest.ts';
import { isMapping, scalarText, type Mapping } from '../documents.ts';
import type { Report } from '../report.ts';
import type { Block, OptionNames } from './receiver.ts';

/** Reports every option, at any depth, that is not among the known ones and asks for something. */
export function reportLeftOver({ block, place, report }: Block, known: OptionNames): void {
  for (const [name, value] of Object.entries(block)) {
    const where = `${place}.${name}`;
    const inner = Object.hasOwn(known, name) ? known[name] : undefined;
    if (inner === undefined) {
      if (asksForSomething(value)) report.add('not carried', where, `has no counterpart${meant(name, known)}`);
    } else if (inner !== true && asksForSomething(value)) {
      if (!isMapping(value)) report.add('not carried', where, 'is no mapping');
      else if (inner !== 'mapping') reportLeftOver({ block: value, place: where, report }, inner);
    }
  }
}

/** What is empty or false is what the exporter takes where nothing is given. */
function asksForSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false;
}

function meant(name: string, known: OptionNames): string {
  const near = nearest(name, Object.keys(known));
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

/** The text of an option, or its number; anything else is reported. */
export function textIn({ block, place, report }: Block, name: string): string | undefined {
  const value = block[name];
  const text = scalarText(value);
  if (text === undefined && asksForSomething(value)) report.add('not carried', `${place}.${name}`, 'is no text');
  return text;
}

/** Whether an option is on; what is neither true nor false is reported. */
export function isOn({ block, place, report }: Block, name: string): boolean {
  const value = block[name];
  if (asksForSomething(value) && value !== true) {
    report.add('not carried', `${place}.${name}`, 'is neither true nor false: taken as false');
  }
  return value === true;
}

/** The items of a list in the configuration. Anything else would be passed over without a word, and is refused. */
export function itemsOf(source: Mapping, name: string, place: string, report: Report): readonly unknown[] {
  const value = source[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  report.add(
    'refuse',
    place === '' ? name : `${place}.${name}`,
    isMapping(value)
      ? 'is a mapping and must be a list: write "- " before its first field, and indent the others below it'
      : 'must be a list',
  );
  return [];
}

/** The texts of a list; a single one may stand without it. */
export function textsOf({ block, place, report }: Block, name: string): readonly string[] {
  const single = scalarText(block[name]);
  if (single === undefined) return itemsOf(block, name, place, report).map(String);
  report.add('note', `${place}.${name}`, 'is no list: taken as a list of one');
  return [single];
}

/** The options below one of these. */
export function nested({ block, place, report }: Block, name: string): Block {
  const inner = block[name];
  return { block: isMapping(inner) ? inner : {}, place: `${place}.${name}`, report };
}
