import { sinkTypes } from '../../../discover.ts';
import type { Mapping } from '../documents.ts';
import { createReport, freeName, type Draft, type Imported, type Report } from '../report.ts';
import { readConfig } from './config.ts';
import { findConfigurations } from './find.ts';
import { mapReceiver } from './receivers.ts';
import { branches, filterOf, groups } from './route-tree.ts';

/** kubernetes-event-exporter's configuration as destinations. @throws {OpsError} where the text holds none. */
export function importEventExporter(text: string, file: string): Imported {
  const report = createReport();
  const drafts: Draft[] = [];
  for (const source of findConfigurations(text, file)) readConfiguration(source, drafts, report);
  return { drafts, notes: report.notes };
}

function readConfiguration(source: Mapping, drafts: Draft[], report: Report): void {
  const { route, receivers, namespace } = readConfig(source, report);
  const all = branches(route, report);
  const known = receivers.size === 0 ? 'there are none' : `there are: ${[...receivers.keys()].join(', ')}`;
  for (const { receiver, place } of all) {
    if (!receivers.has(receiver)) report.add('refuse', place, `there is no receiver ${receiver} (${known})`);
  }
  const isRefused = report.notes.some(({ kind }) => kind === 'refuse');
  const once: string[] = [];
  for (const [name, receiver] of receivers) {
    const reaching = all.filter((branch) => branch.receiver === name);
    if (reaching.length === 0) {
      // A route that could not be read may well reach it.
      if (!isRefused)
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
    if (mapped.repeats === 'first') once.push(name);
  }
  if (once.length > 0) {
    report.add(
      'note',
      `receiver ${once.join(', ')}`,
      'repeats is first, because the exporter never sends a repetition: take it out for those too',
    );
  }
}
