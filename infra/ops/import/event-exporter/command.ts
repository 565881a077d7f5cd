import { sinkTypes } from '../../../discover.ts';
import { defineCommand, OpsError } from '../../command.ts';
import { readText } from '../../events.ts';
import { at, containers, isMapping, parseDocuments, type Mapping } from '../documents.ts';
import { expandGo, type Environment } from '../environment.ts';
import { createReport, type Draft, type Report } from '../report.ts';
import { freeName, writeDrafts } from '../write.ts';
import { readConfig } from './config.ts';
import { mapReceiver } from './receivers.ts';
import { branches, filterOf, groups } from './route-tree.ts';

export const command = defineCommand({
  usage: 'FILE --out DIR',
  about:
    "Reads kubernetes-event-exporter's configuration (the file itself, or its ConfigMap, with the Deployment for environment variables) and writes a folder of destinations whose filters give the same verdicts as its route tree. What could not be carried over goes to standard error, one line each. Secrets are written under secrets/ only.",
  examples: ['npm run -s ops -- import kubernetes-event-exporter config.yaml --out destinations'],
  positionals: ['FILE'],
  options: { out: { value: 'DIR', about: 'The folder to write; existing files are never changed.' } },
  async run(args, io) {
    const [file = ''] = args.positionals;
    const out = args.required('out');
    const text = file === '-' ? await io.stdin() : await readText(file);
    const report = createReport();
    const drafts: Draft[] = [];
    for (const source of configurations(text, file)) readConfiguration(source, drafts, report);
    return writeDrafts(drafts, report, { out, json: args.json }, io);
  },
});

/** The configurations in a file, environment expansion done as the exporter does it: on the text, before it is YAML. */
function configurations(text: string, file: string): readonly Mapping[] {
  const documents = parseDocuments(text, file);
  if (documents.some(isConfiguration)) {
    return parseDocuments(
      expandGo(text, () => undefined),
      file,
    ).filter(isConfiguration);
  }
  const environment = exporterEnvironment(documents);
  const found = documents
    .filter((document) => at(document, 'kind') === 'ConfigMap')
    .flatMap((map) => Object.values(mappingOf(at(map, 'data'))))
    .filter((value) => typeof value === 'string')
    .flatMap((value) => parseDocuments(expandGo(value, environment), file))
    .filter(isConfiguration);
  if (found.length > 0) return found;
  throw new OpsError(
    `${file}: holds no route and no receivers (expected the configuration of kubernetes-event-exporter)`,
  );
}

function isConfiguration(document: unknown): document is Mapping {
  return isMapping(document) && (document['route'] !== undefined || document['receivers'] !== undefined);
}

function mappingOf(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

function exporterEnvironment(documents: readonly unknown[]): Environment {
  const environments = containers(documents).map(({ environment }) => environment);
  return (name) => environments.map((environment) => environment(name)).find((value) => value !== undefined);
}

function readConfiguration(source: Mapping, drafts: Draft[], report: Report): void {
  const { route, receivers, namespace } = readConfig(source, report);
  const all = branches(route, report);
  for (const { receiver, place } of all) {
    if (!receivers.has(receiver)) {
      report.add('refuse', place, `there is no receiver ${receiver} (there are: ${[...receivers.keys()].join(', ')})`);
    }
  }
  for (const [name, receiver] of receivers) {
    const reaching = all.filter((branch) => branch.receiver === name);
    if (reaching.length === 0) {
      report.add('not carried', `receiver ${name}`, 'no route reaches it, so it gets nothing there either');
      continue;
    }
    const mapped = mapReceiver(name, receiver, report);
    if (mapped === undefined) continue;
    if (!sinkTypes().includes(mapped.type)) {
      report.add('not carried', `receiver ${name}`, `there is no sink type ${mapped.type} here`);
      continue;
    }
    const parts = groups(reaching);
    for (const group of parts) {
      const { type, secrets, repeats } = mapped;
      const document = { ...mapped.document, ...filterOf(group, parts, namespace), repeats };
      drafts.push({ type, secrets, document, name: freeName(name, type, drafts) });
    }
    if (parts.length > 1) {
      report.add(
        'note',
        `receiver ${name}`,
        `becomes ${parts.length} destinations, because its routes drop different events`,
      );
    }
    if (mapped.repeats === 'first') {
      const message = 'repeats is first: it never sent a repetition; take it out for those too';
      report.add('note', `receiver ${name}`, message);
    }
  }
}
