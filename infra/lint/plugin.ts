import { dirname, join, relative } from 'node:path';
import { walls } from './walls.ts';

/** What the rule reads of oxlint's interface for plugins, which has the shapes of ESLint's. */
interface Node {
  readonly type: string;
}
interface Text extends Node {
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly cooked: string } }[];
}
interface Import extends Node {
  readonly source: Text | null;
}
interface Reference {
  readonly identifier: Node & { readonly name: string };
}
interface Context {
  readonly physicalFilename: string;
  readonly sourceCode: {
    readonly scopeManager: {
      readonly globalScope: {
        readonly through: readonly Reference[];
        readonly variables: readonly { readonly references: readonly Reference[] }[];
      } | null;
    };
  };
  report(problem: { readonly node: Node; readonly message: string }): void;
}

/** What is reached by a name alone, as walls name it. */
const REACHING: ReadonlyMap<string, string> = new Map([
  ['process', 'global:process'],
  ['setTimeout', 'global:timers'],
  ['setInterval', 'global:timers'],
  ['setImmediate', 'global:timers'],
  ['fetch', 'global:fetch'],
  ['WebSocket', 'global:fetch'],
  ['EventSource', 'global:fetch'],
  // By these all others could be reached: no wall allows them.
  ['globalThis', 'globalThis'],
  ['global', 'global'],
  ['require', 'require'],
  ['eval', 'eval'],
]);

const root = join(import.meta.dirname, '..', '..');

/** Whether a path is, or lies in, the folder or file that a pattern names. */
function isWithin(path: string, pattern: string): boolean {
  const names = path.split('/');
  return pattern.split('/').every((part, at) => {
    const name = names[at] ?? '';
    return part === name || (part === '*' && name !== '') || (part === '*.ts' && name.endsWith('.ts'));
  });
}

/** The key of the wall a file is behind. */
function wallOf(file: string): string | undefined {
  const length = (key: string): number => key.split('/').length - (key.split('*').length - 1) / 10;
  return Object.keys(walls)
    .filter((key) => isWithin(file, key))
    .toSorted((a, b) => length(b) - length(a))[0];
}

/** Whether both files are behind the same wall; siblings under a `*` are not. */
function areTogether(file: string, other: string, wall: string): boolean {
  const [names, others] = [file.split('/'), other.split('/')];
  return wallOf(other) === wall && wall.split('/').every((part, at) => part !== '*' || names[at] === others[at]);
}

/** Whether a file may reach a file, package, module or global, named as walls name it. */
function mayReach(file: string, target: string, wall: string): boolean {
  if (areTogether(file, target, wall)) return true;
  const { files = [], node = [], packages = [], globals = [] } = walls[wall] ?? {};
  const entries = [
    ...files.map((entry) => entry.replace(/^\.(?=\/)/, dirname(file))),
    ...node.map((name) => `node:${name}`),
    ...packages,
    ...globals.map((name) => `global:${name}`),
  ];
  return entries.some((entry) => isWithin(target, entry));
}

/** Refuses every import, and every use of a global that reaches outside, that the file's wall does not allow. */
const reach = {
  create(context: Context) {
    const file = relative(root, context.physicalFilename);
    const wall = wallOf(file);
    const refuse = (node: Node, what: string) =>
      context.report({
        node,
        message: wall
          ? `${wall} may not reach ${what}: infra/lint/walls.ts says what it may`
          : `no wall holds ${file}: say in infra/lint/walls.ts what it may reach`,
      });
    if (wall === undefined) return { Program: (node: Node) => refuse(node, file) };
    const checkSource = ({ source }: Import) => {
      if (!source) return;
      const specifier = typeof source.value === 'string' ? source.value : patternOf(source);
      const target = specifier?.startsWith('.') ? join(dirname(file), specifier) : specifier;
      if (!mayReach(file, target ?? 'global:dynamic', wall))
        refuse(source, target ?? 'a module known only at run time');
    };
    return {
      ImportDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      ExportNamedDeclaration: checkSource,
      ImportExpression: checkSource,
      TSImportType: checkSource,
      'Program:exit'() {
        const scope = context.sourceCode.scopeManager.globalScope;
        // ECMAScript's own globals are variables of the scope, the platform's are known only as unresolved.
        const references = [
          ...(scope?.through ?? []),
          ...(scope?.variables ?? []).flatMap((variable) => variable.references),
        ];
        for (const { identifier } of references) {
          const reached = REACHING.get(identifier.name);
          if (reached !== undefined && !mayReach(file, reached, wall)) refuse(identifier, identifier.name);
        }
      },
    };
  },
};

/** A template's text with `*` for what is put in; nothing for another expression. */
function patternOf({ quasis }: Text): string | undefined {
  return quasis?.map(({ value }) => value.cooked).join('*');
}

export default { meta: { name: 'walls' }, rules: { reach } };
