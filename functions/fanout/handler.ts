import type { SinkConfig } from '../core/contract/config.ts';
import { createRouter } from './router.ts';

export const handler = createRouter(configOf);

/** The bundler turns this pattern into a table of every sink's config: a new folder is known by being there. */
async function configOf(type: string): Promise<SinkConfig | undefined> {
  try {
    const module: { readonly config: SinkConfig } = await import(`../sinks/${type}/config.ts`);
    return module.config;
  } catch {
    return undefined;
  }
}
