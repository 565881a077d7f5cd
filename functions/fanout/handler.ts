import type { SinkConfig } from '../core/contract/config.ts';
import { messageOf } from '../core/contract/untrusted.ts';
import { createRouter } from './router.ts';

export const handler = createRouter(configOf);

/** The bundler turns this pattern into a table of every sink's config: a new folder is known by being there. */
async function configOf(type: string): Promise<SinkConfig | undefined> {
  try {
    const module: { readonly config: SinkConfig } = await import(`../sinks/${type}/config.ts`);
    return module.config;
  } catch (error) {
    // The words of esbuild's table for what it does not hold. Any other error is that of a config which is there.
    if (messageOf(error).startsWith('Module not found in bundle')) return undefined;
    throw error;
  }
}
