import { sinkTypes } from '../../../discover.ts';
import { defineCommand, OpsError } from '../../command.ts';
import { readText } from '../../events.ts';
import { dataOf, parseDocuments } from '../documents.ts';
import { createReport, type Draft, type Report } from '../report.ts';
import { freeName, writeDrafts } from '../write.ts';
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

export const command = defineCommand({
  usage: 'FILE --out DIR',
  about:
    "Reads kube-eventer's Deployment (with its ConfigMaps and Secrets, if they are in the file), or a file with its flags, and writes a folder of destinations. What could not be carried over, was corrected or is to be filled in goes to standard error, one line each. Secrets are written under secrets/ only.",
  examples: [
    'kubectl -n kube-system get deployment/kube-eventer configmap/custom-webhook-body -o yaml > kube-eventer.yaml\n  npm run -s ops -- import kube-eventer kube-eventer.yaml --out destinations',
  ],
  positionals: ['FILE'],
  options: {
    out: { value: 'DIR', about: 'The folder to write; existing files are never changed.' },
    'mysql-legacy': { about: "Go on in kube-eventer's MySQL table, with its columns, instead of in ours." },
  },
  async run(args, io) {
    const [file = ''] = args.positionals;
    const out = args.required('out');
    const text = file === '-' ? await io.stdin() : await readText(file);
    const documents = FLAGS.test(text) ? [text] : parseDocuments(text, file);
    const processes = eventerProcesses(documents);
    if (processes.length === 0) {
      throw new OpsError(`${file}: holds no --sink (expected kube-eventer's Deployment or its flags)`);
    }
    const report = createReport();
    const drafts: Draft[] = [];
    const known = mappings(args.flag('mysql-legacy'));
    for (const eventer of processes) {
      for (const source of eventer.sinks) {
        const draft = readSink(source, eventer, { documents, drafts, known, report });
        if (draft !== undefined) drafts.push(draft);
      }
      readFlags(eventer, report);
    }
    return writeDrafts(drafts, report, { out, json: args.json }, io);
  },
});

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
  const uri = parseSinkUri(source, { environment, isRaw: (key) => known[key]?.isRaw === true, report });
  const place = sinkPlace(uri.key);
  const mapping = known[uri.key];
  if (mapping === undefined || !sinkTypes().includes(mapping.type)) {
    report.add('not carried', place, `there is no sink of this type here (there are: ${sinkTypes().join(', ')})`);
    return undefined;
  }
  const options = createOptions(uri.pairs);
  const { document, secrets } = mapping.map({
    uri,
    options,
    environment,
    place,
    report,
    configMap: (map, namespace, key) => dataOf(documents, 'ConfigMap', map, namespace)?.[key],
  });
  // The webhook's address takes what is left over; elsewhere nobody reads it.
  if (mapping.type !== 'webhook') {
    for (const { name: option } of options.rest()) {
      const reason = mapping.unneeded[option];
      report.add(
        reason === undefined ? 'not carried' : 'note',
        `${place} ${option}`,
        reason ?? 'is no option of this sink in kube-eventer either',
      );
    }
  }
  return { type: mapping.type, name: freeName(name, mapping.type, drafts), document, secrets };
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
