import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SinkConfig } from '../functions/core/contract/config.ts';

/** The project's own folder, without which nothing can be built or synthesised. */
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

/** Whom a sink delivers to: people who read, people who are woken, or what keeps or passes on. */
export function kindOf({ chat, pager }: SinkConfig): 'chat' | 'pager' | 'other' {
  if (chat) return 'chat';
  return pager ? 'pager' : 'other';
}
