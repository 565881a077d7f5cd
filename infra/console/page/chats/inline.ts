import type { Mark, Span } from './blocks.ts';

/** A kind of markup within a line: what it looks like, and what it becomes. */
export interface Rule {
  readonly pattern: string;
  read(groups: readonly (string | undefined)[], inner: (text: string) => readonly Span[]): readonly Span[];
}

/** Reads a line of markup by rules: the earliest one wins, and of those the first. What no rule knows is text. */
export function inlineReader(
  rules: readonly Rule[],
  decode: (text: string) => string,
): (text: string) => readonly Span[] {
  const all = new RegExp(rules.map(({ pattern }) => `(?:${pattern})`).join('|'), 'gsu');
  const each = rules.map((rule) => ({ rule, whole: new RegExp(`^(?:${rule.pattern})$`, 'su') }));
  const inner = (text: string): readonly Span[] => {
    const spans: Span[] = [];
    let from = 0;
    const take = (part: string): void => {
      if (part !== '') spans.push({ text: decode(part) });
    };
    for (const match of text.matchAll(all)) {
      const known = each.find(({ whole }) => whole.test(match[0]));
      if (!known) continue;
      take(text.slice(from, match.index));
      const [, ...groups] = known.whole.exec(match[0]) ?? [];
      spans.push(...known.rule.read(groups, inner));
      from = match.index + match[0].length;
    }
    take(text.slice(from));
    return spans;
  };
  return inner;
}

export function marked(spans: readonly Span[], mark: Mark): readonly Span[] {
  return spans.map((span) => ({ ...span, marks: [...(span.marks ?? []), mark] }));
}

export function linked(spans: readonly Span[], href: string): readonly Span[] {
  return spans.map((span) => ({ ...span, href }));
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' };

/** `&lt;` and `&#60;` as what they stand for. Once: what comes of it is text. */
export function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,6})|#x([\da-f]{1,6})|(\w{2,4}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
