import { sinkTypes } from '../../../discover.ts';
import { OpsError } from '../../command.ts';
import { dataOf, parseDocuments } from '../documents.ts';
import { unresolved } from '../environment.ts';
import { createReport, freeName, type Draft, type Imported, type Report } from '../report.ts';
import { eventerProcesses, type EventerProcess } from './flags.ts';
import { mappings } from './mappings.ts';
import type { SinkMapping } from './sink.ts';
import { createOptions, parseSinkUri, sinkPlace } from './sink-uri.ts';

/** A command line, which YAML would read as something else. */
const FLAGS = /^\s*(\S*kube-eventer\s+)?--?[a-z]/;

// Flags whose work the relay, the router and the queues do by themselves.
const UNNEEDED: Readonly<Record<string, string>> = {
  frequency: 'events are sent at once',
  max_procs: 'the relay is one small process',
  'event-metrics': 'delivered and failed events are counted as metrics',
  'healthz-ip': 'the relay listens on all addresses',
  'healthz-port': "set the relay's PORT",
};

/**
 * kube-eventer's sinks as destinations.
 * @param isMysqlLegacy - go on in its MySQL table.
 * @throws {OpsError} where the text holds none.
 */
export function importKubeEventer(
  text: string,
  file: string,
  { isMysqlLegacy }: { readonly isMysqlLegacy: boolean },
): Imported {
  const documents = FLAGS.test(text) ? [text] : parseDocuments(text, file);
  const processes = eventerProcesses(documents);
  if (processes.length === 0) {
    throw new OpsError(`${file}: holds no --sink (expected kube-eventer's Deployment or its flags)`);
  }
  const report = createReport();
  const drafts: Draft[] = [];
  const known = mappings(isMysqlLegacy);
  for (const eventer of processes) {
    for (const source of eventer.sinks) {
      const draft = readSink(source, eventer, { documents, drafts, known, report });
      if (draft !== undefined) drafts.push(draft);
    }
    readFlags(eventer, report);
  }
  return { drafts, notes: report.notes };
}

interface Surroundings {
  readonly documents: readonly unknown[];
  readonly drafts: readonly Draft[];
  readonly known: Readonly<Record<string, SinkMapping>>;
  readonly report: Report;
}

function readSink(
  source: string,
  { name, environment }: EventerProcess,
  { documents, drafts, known, report }: Surroundings,
): Draft | undefined {
  const uri = parseSinkUri(source, { environment, rulesOf: (key) => known[key], report });
  const place = sinkPlace(uri.key);
  const mapping = known[uri.key];
  if (mapping === undefined || !sinkTypes().includes(mapping.type)) {
    const [reference] = unresolved(uri.key);
    const reason =
      reference === undefined
        ? `there is no sink of this type here (there are: ${sinkTypes().join(', ')})`
        : `is ${reference}, whose value is not in the file: add the Secret or ConfigMap that has it`;
    report.add('not carried', place, reason);
    return undefined;
  }
  const options = createOptions(uri.pairs);
  const {
    type = mapping.type,
    document,
    secrets,
  } = mapping.map({
    uri,
    options,
    environment,
    place,
    report,
    configMap: (map, namespace, key) => dataOf(documents, 'ConfigMap', map, namespace)?.[key],
  });
  for (const { name: option, place: where } of options.rest()) {
    const reason = mapping.unneeded[option];
    const meant = mapping.options.find((other) => other.toLowerCase() === option.toLowerCase());
    if (reason !== undefined) report.add('note', where, reason);
    else if (meant !== undefined) report.add('not carried', where, `is not read there: write ${meant}`);
    // A webhook's address takes what is left over.
    else if (mapping.type !== 'webhook') {
      report.add('not carried', where, 'is no option of this sink in kube-eventer either');
    }
  }
  return { type, name: freeName(name, type, drafts), document, secrets };
}

function readFlags({ flags }: EventerProcess, report: Report): void {
  for (const [flag, value] of flags) {
    const reason = UNNEEDED[flag];
    if (flag === 'source') {
      if (value.includes('?'))
        report.add('note', '--source', 'its options go to the relay: see KUBECONFIG in its README');
    } else if (reason !== undefined) report.add('note', `--${flag}`, `has no counterpart: ${reason}`);
    else if (!/^(v|vmodule|version|log|alsolog|stderr|skip)/.test(flag)) {
      report.add('not carried', `--${flag}`, 'is no flag of kube-eventer that is known here');
    }
  }
}
