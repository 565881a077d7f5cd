/**
 * On which line each field of a JSON text begins: `filter.match[0].reason` to a number from 0. Reads what is there of a text that is
 * no JSON yet, because somebody types it.
 */
export function jsonPlaces(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const open: { readonly isList: boolean; index: number; key: string }[] = [];
  let line = 0;
  let waitsForKey = false;

  const path = (): string =>
    open.reduce((before, { isList, index, key }) => {
      if (isList) return `${before}[${index}]`;
      return before === '' ? key : `${before}.${key}`;
    }, '');
  const isMarked = (): boolean => places.has(path());
  const mark = (): void => {
    const here = path();
    if (here !== '' && !here.endsWith('.') && !isMarked()) places.set(here, line);
  };

  for (const [token] of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[{}[\],:\n]|[^\s"{}[\],:]+/g)) {
    const inside = open.at(-1);
    if (token === '\n') line += 1;
    else if (token === '{' || token === '[') {
      mark();
      open.push({ isList: token === '[', index: 0, key: '' });
      waitsForKey = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      waitsForKey = false;
    } else if (token === ',') {
      if (inside?.isList === true) inside.index += 1;
      else waitsForKey = true;
    } else if (token === ':') waitsForKey = false;
    else if (waitsForKey && inside && token.startsWith('"')) {
      inside.key = unquoted(token);
      mark();
    } else mark();
  }
  return places;
}

function unquoted(token: string): string {
  try {
    const value: unknown = JSON.parse(token);
    return typeof value === 'string' ? value : token;
  } catch {
    return token.replaceAll('"', '');
  }
}

/** The line of a field; of the nearest one around it where it is not there, such as a field that is missing. */
export function lineOf(field: string, places: ReadonlyMap<string, number>): number | undefined {
  // The steps of a path, outermost first: `filter`, `.match`, `[0]`.
  const steps = field.match(/^[^.[]+|\.[^.[]+|\[\d+\]/g) ?? [];
  for (let length = steps.length; length > 0; length -= 1) {
    const line = places.get(steps.slice(0, length).join(''));
    if (line !== undefined) return line;
  }
  return undefined;
}
