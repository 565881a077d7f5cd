import { stringify } from 'yaml';
import { OpsError } from '../../command.ts';
import { at, containers, dataOfObject, isMapping, listAt, parseDocuments, type Mapping } from '../documents.ts';
import { expandGo, type Environment } from '../environment.ts';
import { ROUTE_KEYS } from './route-tree.ts';

/**
 * The exporter's configurations in a file: the file itself, or wherever else it may stand: the text of a ConfigMap or Secret,
 * `config` in the values of a chart. References to the environment are filled in as the exporter does it: in the text, before it
 * is YAML.
 */
export function findConfigurations(text: string, file: string): readonly Mapping[] {
  const documents = parseDocuments(text, file);
  const environment = exporterEnvironment(documents);
  const found = documents.some(isConfiguration)
    ? parseDocuments(expandGo(text, environment), file).filter(isConfiguration)
    : documents.flatMap((document) => within(document, { file, environment, depth: 0 }));
  if (found.length > 0) return found;
  throw new OpsError(
    `${file}: holds no route and no receivers (expected the configuration of kubernetes-event-exporter, its ConfigMap or Secret, or the values of its chart)`,
  );
}

function isConfiguration(value: unknown): value is Mapping {
  if (!isMapping(value)) return false;
  const { route, receivers } = value;
  // Other things have routes too, of another form.
  return receivers !== undefined || ROUTE_KEYS.some((name) => at(route, name) !== undefined);
}

interface Search {
  readonly file: string;
  readonly environment: Environment;
  readonly depth: number;
}

// Values below an Application or a HelmRelease of a chart stand this deep.
const MAX_DEPTH = 8;

function within(value: unknown, search: Search): readonly Mapping[] {
  const { file, environment, depth } = search;
  if (depth > MAX_DEPTH) return [];
  if (isConfiguration(value))
    return parseDocuments(expandGo(stringify(value), environment), file).filter(isConfiguration);
  if (typeof value === 'string') {
    if (!/^\s*["']?(route|receivers)["']?\s*:/m.test(value)) return [];
    const documents = parseDocuments(expandGo(value, environment), file);
    return documents.flatMap((inner) => within(inner, { ...search, depth: depth + 1 }));
  }
  if (Array.isArray(value)) return value.flatMap((inner) => within(inner, { ...search, depth: depth + 1 }));
  if (!isMapping(value)) return [];
  const members = dataOfObject(value) ?? value;
  return Object.values(members).flatMap((inner) => within(inner, { ...search, depth: depth + 1 }));
}

/** The variables of the containers in the file, and those that the values of a chart give to its own. */
function exporterEnvironment(documents: readonly unknown[]): Environment {
  const charts = documents.map((document) => ({
    spec: { containers: [{ env: [...listAt(document, 'extraEnvVars'), ...listAt(document, 'env')] }] },
  }));
  const environments = containers([...documents, ...charts]).map(({ environment }) => environment);
  return (name) => environments.map((environment) => environment(name)).find((value) => value !== undefined);
}
