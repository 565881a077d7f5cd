import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SinkConfig } from '../functions/core/contract/config.ts';
import type { Sink } from '../functions/core/contract/sink.ts';

/*
 * The npm package has no such folders: its build puts a list of the sinks in the place of this file.
 */

/** The project's own folder, without which nothing can be built. */
export const projectFolder: string = join(import.meta.dirname, '..');

/** The sink types this project can deploy, sorted: the folders in functions/sinks that have a config.ts. */
export function sinkTypes(project: string = projectFolder): readonly string[] {
  return globSync('functions/sinks/*/config.ts', { cwd: project })
    .map((file) => basename(dirname(file)))
    .toSorted();
}

/** Loads a sink's configuration, which pulls in no vendor client. */
export async function loadConfig(type: string, project: string = projectFolder): Promise<SinkConfig> {
  const file = pathToFileURL(join(project, 'functions', 'sinks', type, 'config.ts'));
  const module: { readonly config: SinkConfig } = await import(file.href);
  return module.config;
}

/** Loads the configurations of all sink types, in their order. */
export function loadConfigs(project: string = projectFolder): Promise<readonly SinkConfig[]> {
  return Promise.all(sinkTypes(project).map((type) => loadConfig(type, project)));
}

/** The sink of a type that exists: for its pure `render`. Pulls in the vendor's client. */
export async function loadSink(type: string): Promise<Sink<unknown, unknown, unknown, unknown>> {
  const file = pathToFileURL(join(projectFolder, 'functions', 'sinks', type, 'sink.ts'));
  const module: { readonly sink: Sink<unknown, unknown, unknown, unknown> } = await import(file.href);
  return module.sink;
}
