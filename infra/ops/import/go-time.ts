import { UntranslatableError } from './go-parse.ts';

// https://pkg.go.dev/time#Layout, longest first, and what Liquid's filter `date` writes for it.
const PARTS: readonly (readonly [string, string])[] = [
  ['January', '%B'],
  ['Monday', '%A'],
  ['Z07:00', 'Z07:00'],
  ['-07:00', '%:z'],
  ['-0700', '%z'],
  ['.000000000', '.%N'],
  ['.000000', '.%6N'],
  ['.000', '.%L'],
  [',000', ',%L'],
  ['2006', '%Y'],
  ['Jan', '%b'],
  ['Mon', '%a'],
  ['MST', '%Z'],
  ['002', '%j'],
  ['01', '%m'],
  ['02', '%d'],
  ['03', '%I'],
  ['04', '%M'],
  ['05', '%S'],
  ['06', '%y'],
  ['15', '%H'],
  ['PM', '%p'],
  ['pm', '%P'],
  ['_2', '%e'],
  ['1', '%-m'],
  ['2', '%-d'],
  ['3', '%-I'],
  ['4', '%-M'],
  ['5', '%-S'],
  ['%', '%%'],
];

const PART = new RegExp(PARTS.map(([part]) => part.replace('.', '\\.')).join('|'), 'g');

/** A layout of Go's time package as a format of Liquid's filter `date`, in this zone. @throws {UntranslatableError} */
export function dateFormat(layout: string, zone: string): string {
  return layout.replace(PART, (part) => {
    const format = PARTS.find(([known]) => known === part)?.[1] ?? part;
    const isUtc = zone === 'UTC';
    if (part === 'Z07:00') return isUtc ? 'Z' : '%:z';
    if (part === 'MST') {
      if (!isUtc) throw new UntranslatableError('the name of a time zone');
      return 'UTC';
    }
    return format;
  });
}
