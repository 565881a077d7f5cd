import { join } from 'node:path';
import type { SinkConfig } from '../functions/core/contract/config.ts';
import type { Sink } from '../functions/core/contract/sink.ts';
import { importOf, typesIn } from './sink-modules.ts';

/** The project's own folder, without which nothing can be built. */
export const projectFolder: string = join(import.meta.dirname, '..');

/** The sink types this project can deploy, sorted. */
export function sinkTypes(project: string = projectFolder): readonly string[] {
  return typesIn(project);
}

/** Loads a sink's configuration, which pulls in no vendor client. */
export async function loadConfig(type: string, project: string = projectFolder): Promise<SinkConfig> {
  const module = await importOf<{ readonly config: SinkConfig }>(type, 'config', project);
  return module.config;
}

/** Loads the configurations of all sink types, in their order. */
export function loadConfigs(project: string = projectFolder): Promise<readonly SinkConfig[]> {
  return Promise.all(sinkTypes(project).map((type) => loadConfig(type, project)));
}

/** The sink of a type that exists: for its pure `render`. Pulls in the vendor's client. */
export async function loadSink(type: string): Promise<Sink<unknown, unknown, unknown, unknown>> {
  const module = await importOf<{ readonly sink: Sink<unknown, unknown, unknown, unknown> }>(
    type,
    'sink',
    projectFolder,
  );
  return module.sink;
}

/** Whom a sink delivers to: people who read, people who are woken, or what keeps or passes on. */
export function kindOf({ chat, pager }: SinkConfig): 'chat' | 'pager' | 'other' {
  if (chat) return 'chat';
  return pager ? 'pager' : 'other';
}
