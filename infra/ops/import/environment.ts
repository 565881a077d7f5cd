/** Looks up an environment variable; undefined where its value is not in the source. */
export type Environment = (name: string) => string | undefined;

// An unresolved reference is kept between these, so that it can be found again wherever it ends up.
const OPEN = '\uE000';
const CLOSE = '\uE001';
const UNRESOLVED = /\uE000([^\uE001]*)\uE001/g;

// https://pkg.go.dev/os#Expand: a name, a name in braces, or one of the shell's special characters.
const GO_REFERENCE = /\$(?:\{([^}]*)\}|([A-Za-z0-9_]+)|([*#$@!?-]))/g;

/** Expands `$NAME` and `${NAME}` as Go's os.ExpandEnv does; references without a known value stay, marked. */
export function expandGo(text: string, environment: Environment): string {
  return text.replace(GO_REFERENCE, (reference: string, braced?: string, plain?: string, special?: string) => {
    // A name that begins with a digit is that digit alone.
    const digit = plain === undefined ? undefined : /^\d/.exec(plain)?.[0];
    const name = digit ?? braced ?? plain ?? special ?? '';
    const rest = digit === undefined ? '' : (plain ?? '').slice(1);
    const value = environment(name);
    return (value ?? `${OPEN}${digit === undefined ? reference : `$${digit}`}${CLOSE}`) + rest;
  });
}

/** Expands `$(NAME)` as the kubelet does in a container's command, arguments and variables. */
export function expandKubernetes(text: string, environment: Environment): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (reference: string, name?: string) => {
    if (name === undefined) return '$';
    return environment(name) ?? `${OPEN}${reference}${CLOSE}`;
  });
}

/** The references without a known value inside a text. */
export function unresolved(text: string): readonly string[] {
  return [...text.matchAll(UNRESOLVED)].flatMap(([, reference]) => (reference === undefined ? [] : [reference]));
}

/** The text with unresolved references as they were written. */
export function asWritten(text: string): string {
  return text.replace(UNRESOLVED, '$1');
}

/** The text with unresolved references empty, as a process without these variables sees it. */
export function asEmpty(text: string): string {
  return text.replace(UNRESOLVED, '');
}
