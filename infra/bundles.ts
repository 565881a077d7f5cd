/** A self-contained file to build, or a folder of them. */
export interface Bundle {
  /** The module it starts from, relative to the project. */
  readonly entry: string;
  /** The file it becomes, relative to the output folder; `.mjs`. */
  readonly file: string;
  /** Whether what it imports only when needed is in files of their own, in `chunks/` beside it: only then is that not loaded at the start. */
  readonly inChunks?: boolean;
  /** Imports left out: they are made only where they are to be had. */
  readonly without?: readonly string[];
}

/** The router's function. */
export const routerBundle: Bundle = {
  entry: 'functions/fanout/handler.ts',
  file: 'functions/fanout/index.mjs',
  inChunks: true,
};

/** The function of a sink type. */
export function sinkBundle(type: string): Bundle {
  return { entry: `functions/sinks/${type}/handler.ts`, file: `functions/sinks/${type}/index.mjs`, inChunks: true };
}

/** The relay for use in a cluster: without the kubeconfig library, which is loaded only where a kubeconfig is read. */
export const inClusterRelay: Bundle = {
  entry: 'relay/main.ts',
  file: 'relay-incluster.mjs',
  without: ['./cluster/kubeconfig.ts'],
};

/** The relay, with the kubeconfig library and without it. */
export const relayBundles: readonly Bundle[] = [{ entry: 'relay/main.ts', file: 'relay.mjs' }, inClusterRelay];
