import { containers, type Container } from '../documents.ts';

/** A kube-eventer process as the source describes it. */
export interface EventerProcess {
  /** What to call its destinations. */
  readonly name: string;
  readonly sinks: readonly string[];
  /** Flags other than `--sink`, by name. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Container['environment'];
}

/** The kube-eventer processes among YAML documents: containers with a `--sink`, or the flags themselves as a text. */
export function eventerProcesses(documents: readonly unknown[]): readonly EventerProcess[] {
  const found = containers(documents).map(({ workload, words, environment }) => ({
    ...parseFlags(words),
    name: workload,
    environment,
  }));
  const texts = documents.filter((document) => typeof document === 'string');
  const lists = documents.filter((document) => Array.isArray(document));
  const bare = [...texts.map(shellWords), ...lists.map((list) => list.map(String))].map((words) => ({
    ...parseFlags(words),
    name: 'kube-eventer',
    environment: () => undefined,
  }));
  return [...found, ...bare].filter(({ sinks }) => sinks.length > 0);
}

function parseFlags(given: readonly string[]): Pick<EventerProcess, 'sinks' | 'flags'> {
  const sinks: string[] = [];
  const flags = new Map<string, string>();
  // A command line for a shell, or a flag whose quotes no shell has taken away.
  const words = given.flatMap((word) => (/^(?:\S+\s+[\s\S]*|["'])--?sink[= ]/.test(word) ? shellWords(word) : [word]));
  for (let index = 0; index < words.length; index += 1) {
    const [, name, joined] = /^--?([\w-]+)(?:=([\s\S]*))?$/.exec(words[index] ?? '') ?? [];
    if (name === undefined) continue;
    const next = words[index + 1];
    const isNext = joined === undefined && next !== undefined && !next.startsWith('-');
    const value = joined ?? (isNext ? next : 'true');
    if (isNext) index += 1;
    if (name === 'sink') sinks.push(value);
    else flags.set(name, value);
  }
  return { sinks, flags };
}

/** The words of a command line, with quotes as a shell reads them. A comment ends a line. */
function shellWords(line: string): readonly string[] {
  const words = line.matchAll(/(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\\([\s\S])|[^\s"'\\])+/g);
  return [...words].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\([\s\S])/g,
      (_match: string, double?: string, single?: string, escaped?: string) =>
        double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? (escaped === '\n' ? '' : (escaped ?? '')),
    ),
  );
}
