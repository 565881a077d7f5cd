/** A text in English and in Chinese. */
export type Pair = readonly [en: string, zh: string];

export type Params = Readonly<Record<string, string | number>>;

/** `{name}` is a parameter, `{n?letter:letters}` one of two words by whether the number is one. */
const PARAMETER = /\{(\w+)(?:\?([^:}]*):([^}]*))?\}/g;

export function fill(text: string, params: Params = {}): string {
  return text.replaceAll(PARAMETER, (_all, name: string, one?: string, many?: string) => {
    const value = params[name] ?? '';
    if (one === undefined || many === undefined) return typeof value === 'number' ? value.toLocaleString('en') : value;
    return value === 1 ? one : many;
  });
}

/** Names of the parameters of a text. */
export function parametersOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PARAMETER)].map(([, name]) => name ?? ''))].toSorted();
}
