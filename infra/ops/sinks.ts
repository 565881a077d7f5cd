import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearest } from '../../functions/core/destinations/destination.ts';
import type { Sink } from '../../functions/core/contract/sink.ts';
import { projectFolder, sinkTypes } from '../discover.ts';

/** What is wrong with the name of a sink type, if anything, with a suggestion. */
export function typeProblem(type: string): string | undefined {
  const types = sinkTypes();
  if (types.includes(type)) return undefined;
  const near = nearest(type, types);
  return `there is no sink type ${type} (${near === undefined ? `there are: ${types.join(', ')}` : `did you mean ${near}?`})`;
}

/** The sink of a type that exists: for its pure `render`. Pulls in the vendor's client. */
export async function loadSink(type: string): Promise<Sink<unknown, unknown, unknown, unknown>> {
  const file = pathToFileURL(join(projectFolder, 'functions', 'sinks', type, 'sink.ts'));
  const module: { readonly sink: Sink<unknown, unknown, unknown, unknown> } = await import(file.href);
  return module.sink;
}
