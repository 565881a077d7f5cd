/** The leaves of a JSON value by dotted path. */
function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  }
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (entries.length === 0) return value === undefined ? [] : [[path, JSON.stringify(value)]];
  return entries.flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`));
}

/**
 * What changes from one document to another, one line per field: `+ path: value`, `- path: value`, `~ path: old -> new`.
 * @param hidden secrets: the lines say that something changes, never what.
 */
export function difference(before: unknown, after: unknown, hidden?: 'hidden'): readonly string[] {
  const old = new Map(leaves(before, ''));
  const now = new Map(leaves(after, ''));
  const paths = [...new Set([...old.keys(), ...now.keys()])].filter((path) => path !== '').toSorted();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    const show = (text: string | undefined): string => (hidden ? '[secret]' : (text ?? ''));
    if (was === undefined) return [`+ ${path}: ${show(is)}`];
    if (is === undefined) return [`- ${path}: ${show(was)}`];
    return [hidden ? `~ ${path}: [secret] changes` : `~ ${path}: ${was} -> ${is}`];
  });
}
