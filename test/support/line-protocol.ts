/** A line of InfluxDB's line protocol, read. */
export interface ParsedLine {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string | number>>;
  readonly timestamp: bigint;
}

/**
 * Reads a body of line protocol as its specification says, independently of what writes it.
 * Lines end at a line break outside of a quoted text.
 * @throws {Error} naming the place that is not line protocol.
 */
export function parseLines(body: string): readonly ParsedLine[] {
  const lines: ParsedLine[] = [];
  let at = 0;
  while (at < body.length) {
    const measurement = literal(', ');
    const tags: Record<string, string> = {};
    while (body[at] === ',') {
      at += 1;
      const name = literal('=');
      expectCharacter('=');
      const value = literal(', ');
      if (name === '' || value === '' || name in tags) fail('a tag without name or value, or given twice');
      tags[name] = value;
    }
    expectCharacter(' ');
    const fields: Record<string, string | number> = {};
    do {
      if (body[at] === ',') at += 1;
      const name = literal('=');
      expectCharacter('=');
      fields[name] = body[at] === '"' ? text() : number();
    } while (body[at] === ',');
    expectCharacter(' ');
    const timestamp = /^\d+/.exec(body.slice(at))?.[0] ?? fail('a timestamp');
    at += timestamp.length;
    if (at < body.length) expectCharacter('\n');
    if (measurement === '') fail('a measurement');
    lines.push({ measurement, tags, fields, timestamp: BigInt(timestamp) });
  }
  return lines;

  /** A measurement, name or tag value: up to an unescaped stop; a backslash escapes a comma, an equals sign or a space. */
  function literal(stops: string): string {
    let value = '';
    while (at < body.length && !stops.includes(body[at] ?? '')) {
      if (body[at] === '\n') fail('no line break');
      if (body[at] === '\\' && ', ='.includes(body[at + 1] ?? '-')) at += 1;
      value += body[at];
      at += 1;
    }
    return value;
  }

  function text(): string {
    let value = '';
    for (at += 1; body[at] !== '"'; at += 1) {
      if (at >= body.length) fail('a closing quote');
      if (body[at] === '\\' && '"\\'.includes(body[at + 1] ?? '-')) at += 1;
      value += body[at];
    }
    at += 1;
    return value;
  }

  function number(): number {
    const digits = /^(-?\d+)i/.exec(body.slice(at))?.[1] ?? fail('a whole number');
    at += digits.length + 1;
    return Number(digits);
  }

  function expectCharacter(character: string): void {
    if (body[at] !== character) fail(JSON.stringify(character));
    at += 1;
  }

  function fail(wanted: string): never {
    throw new Error(
      `expected ${wanted} at character ${at}: ${JSON.stringify(body.slice(Math.max(0, at - 20), at + 20))}`,
    );
  }
}
