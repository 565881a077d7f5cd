import { parseAllDocuments, type Document } from 'yaml';
import { OpsError } from '../command.ts';
import { mistakeOf } from '../yaml-document.ts';
import type { Environment } from './environment.ts';
import { expandKubernetes } from './environment.ts';

/** A YAML mapping. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A mapping's member by a path; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isMapping(inner) ? inner[name] : undefined), value);
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A text, number or truth value as YAML's writer typed it; undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The documents of a YAML text, with the items of Lists in place of the Lists. @throws {OpsError} with the place of a syntax error. */
export function parseDocuments(text: string, file: string): readonly unknown[] {
  return parseAllDocuments(text, { logLevel: 'silent' }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new OpsError(`${file}: is not YAML: ${mistakeOf(error)}`);
    }
    const value = valueOf(document, file);
    const kind = textAt(value, 'kind');
    return kind?.endsWith('List') ? listAt(value, 'items') : [value];
  });
}

function valueOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw new OpsError(
      `${file}: is not YAML: a value that begins with * names an anchor that is not there: quote the value`,
    );
  }
}

/** A container and the workload it belongs to. */
export interface Container {
  readonly workload: string;
  /** `command` and `args`, with the kubelet's references resolved. */
  readonly words: readonly string[];
  readonly environment: Environment;
}

/** All containers of the workloads among the documents. */
export function containers(documents: readonly unknown[]): readonly Container[] {
  return documents.flatMap((document) => {
    const workload = textAt(document, 'metadata', 'name') ?? textAt(document, 'kind') ?? '';
    const spec =
      at(document, 'spec', 'template', 'spec') ??
      at(document, 'spec', 'jobTemplate', 'spec', 'template', 'spec') ??
      at(document, 'spec');
    return listAt(spec, 'containers').map((container) => {
      const environment = containerEnvironment(container, documents);
      const words = [...listAt(container, 'command'), ...listAt(container, 'args')].map(String);
      return { workload, words: words.map((word) => expandKubernetes(word, environment)), environment };
    });
  });
}

function containerEnvironment(container: unknown, documents: readonly unknown[]): Environment {
  const values = new Map<string, string>();
  for (const source of listAt(container, 'envFrom')) {
    const prefix = textAt(source, 'prefix') ?? '';
    const data =
      dataOf(documents, 'ConfigMap', textAt(source, 'configMapRef', 'name')) ??
      dataOf(documents, 'Secret', textAt(source, 'secretRef', 'name')) ??
      {};
    for (const [name, value] of Object.entries(data)) values.set(prefix + name, value);
  }
  for (const entry of listAt(container, 'env')) {
    const name = textAt(entry, 'name') ?? '';
    const literal = at(entry, 'value');
    const from = at(entry, 'valueFrom');
    const referred =
      dataOf(documents, 'Secret', textAt(from, 'secretKeyRef', 'name'))?.[textAt(from, 'secretKeyRef', 'key') ?? ''] ??
      dataOf(documents, 'ConfigMap', textAt(from, 'configMapKeyRef', 'name'))?.[
        textAt(from, 'configMapKeyRef', 'key') ?? ''
      ];
    if (from !== undefined) {
      if (referred !== undefined) values.set(name, referred);
      continue;
    }
    const text = typeof literal === 'string' ? literal : '';
    values.set(
      name,
      expandKubernetes(text, (other) => values.get(other)),
    );
  }
  return (name) => values.get(name);
}

/** The texts of a ConfigMap or Secret among the documents; undefined where it is not there. */
export function dataOf(
  documents: readonly unknown[],
  kind: 'ConfigMap' | 'Secret',
  name: string | undefined,
  namespace?: string,
): Readonly<Record<string, string>> | undefined {
  const found = documents.find(
    (document) =>
      textAt(document, 'kind') === kind &&
      textAt(document, 'metadata', 'name') === name &&
      (namespace === undefined || (textAt(document, 'metadata', 'namespace') ?? 'default') === namespace),
  );
  return name === undefined ? undefined : dataOfObject(found);
}

/** The texts of a ConfigMap or Secret; undefined for anything else. */
export function dataOfObject(object: unknown): Readonly<Record<string, string>> | undefined {
  const kind = textAt(object, 'kind');
  if (kind !== 'ConfigMap' && kind !== 'Secret') return undefined;
  const decode = (value: unknown): string =>
    kind === 'Secret' ? Buffer.from(String(value), 'base64').toString('utf8') : String(value);
  return {
    ...Object.fromEntries(Object.entries(mapping(at(object, 'data'))).map(([key, value]) => [key, decode(value)])),
    ...Object.fromEntries(
      Object.entries(mapping(at(object, 'stringData'))).map(([key, value]) => [key, String(value)]),
    ),
  };
}

function mapping(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}
