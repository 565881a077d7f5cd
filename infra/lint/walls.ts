import manifest from '../../package.json' with { type: 'json' };

/** What the files behind a wall may reach; all that is not named is refused. Types count as well. */
export interface Wall {
  /** Files of this project, by folder or one by one; `./` is the folder of the file itself. Its own wall's files it reaches anyway. */
  readonly files?: readonly string[];
  /** Node's modules, without `node:`, each with what is below it. */
  readonly node?: readonly string[];
  /** Packages, each with its subpaths, or one subpath. */
  readonly packages?: readonly string[];
  /** What is reached without an import. `process` has the environment in it, `fetch` sockets, `dynamic` is any import of a computed name. */
  readonly globals?: readonly ('process' | 'timers' | 'fetch' | 'dynamic')[];
}

const contract = 'functions/core/contract';

/** The packages, and modules of Node, that a sink names as its vendor's client in package.json. */
const clients: Readonly<Record<string, readonly string[]>> = manifest.sinkClients;

/** Signed calls to AWS, which relay and functions make alike. */
const aws = 'functions/core/aws';

const relayShared = ['relay/config.ts', 'relay/log.ts', 'relay/metrics.ts', 'relay/proxy.ts', 'relay/wait.ts'];
const relay = {
  'relay/config.ts': { files: [contract, 'relay/log.ts', 'relay/proxy.ts'], node: ['os'], globals: ['process'] },
  'relay/log.ts': { files: [contract] },
  'relay/metrics.ts': { files: [contract] },
  'relay/proxy.ts': { files: [contract], node: ['http', 'https', 'net'] },
  'relay/wait.ts': { globals: ['timers'] },
  'relay/cluster': {
    files: [contract, ...relayShared],
    node: ['child_process', 'crypto', 'fs', 'http', 'https', 'os', 'path', 'tls', 'util'],
    packages: ['@kubernetes/client-node', 'yaml'],
    globals: ['process', 'timers'],
  },
  'relay/queue': {
    files: [contract, aws, ...relayShared],
    node: ['crypto', 'fs', 'http', 'https', 'net', 'tls', 'zlib'],
    packages: ['@aws-sdk/credential-provider-node'],
    globals: ['timers'],
  },
  'relay/context': { files: [contract, ...relayShared, 'relay/cluster'] },
  'relay/stream': { files: [contract, ...relayShared, 'relay/cluster', 'relay/context', 'relay/queue'] },
  'relay/cursor': {
    files: [contract, ...relayShared, 'relay/cluster', 'relay/stream'],
    node: ['crypto', 'fs', 'path'],
    globals: ['timers'],
  },
  'relay/manifests': {
    files: [contract, 'relay/config.ts'],
    node: ['crypto', 'fs', 'path', 'zlib'],
    packages: ['yaml'],
  },
  'relay/*.ts': {
    files: [
      contract,
      `${aws}/secrets.ts`,
      ...relayShared,
      'relay/cluster',
      'relay/context',
      'relay/stream',
      'relay/queue',
      'relay/cursor',
      'package.json',
    ],
    node: ['fs', 'http', 'path'],
    globals: ['process', 'timers'],
  },
} satisfies Record<string, Wall>;

const core = {
  [contract]: { node: ['util', 'zlib'], packages: ['zod/mini', 'zod/locales'] },
  [aws]: {
    files: [contract],
    node: ['crypto', 'http', 'https', 'timers'],
    globals: ['timers'],
  },
  'functions/core/kit': {
    files: [contract, `${aws}/signature.ts`],
    node: ['crypto', 'http', 'https', 'zlib'],
    packages: ['axios', 'fastest-levenshtein', 'liquidjs', 're2js', 'zod/mini'],
  },
  'functions/core/chat': { files: [contract, 'functions/core/kit'], node: ['crypto'], packages: ['zod/mini'] },
  'functions/core/destinations': {
    files: [contract, aws, ...['languages', 'nearest', 'pattern'].map((name) => `functions/core/kit/${name}.ts`)],
    node: ['crypto', 'fs', 'path', 'timers'],
    packages: ['zod/mini'],
  },
  'functions/core/runtime': {
    files: [contract, aws, 'functions/core/kit', 'functions/core/chat', 'functions/core/destinations'],
    node: ['crypto', 'timers', 'zlib'],
    packages: ['@aws-sdk/credential-provider-node', '@smithy/core/config', 'aws-lambda'],
    globals: ['process', 'timers'],
  },
} satisfies Record<string, Wall>;
const allCore = Object.keys(core);

const sink: Wall = {
  files: [contract, 'functions/core/kit', 'functions/core/chat', './config.ts'],
  node: ['crypto', 'util', 'zlib'],
  packages: ['zod/mini'],
};

/** Sinks of one vendor, which share what the vendor has once: its accounts, its tags. */
const datadog = {
  files: [...(sink.files ?? []), ...['account', 'tags'].map((name) => `functions/sinks/datadog/${name}.ts`)],
};

/** A sink reaches no sibling but one of its vendor, no queue, no environment and no clock to wait by; what it sends goes through its context. */
const functions = {
  'functions/sinks/*': sink,
  ...Object.fromEntries(
    Object.entries(clients).map(([type, names]): [string, Wall] => [
      `functions/sinks/${type}`,
      { ...sink, packages: [...(sink.packages ?? []), ...names] },
    ]),
  ),
  'functions/sinks/datadog-events': { ...sink, ...datadog },
  'functions/sinks/datadog-events/config.ts': { ...sink, ...datadog },
  // Everybody loads options, tests and documents load cases: neither loads a client.
  'functions/sinks/*/config.ts': { ...sink, files: [...(sink.files ?? []), './*'] },
  'functions/sinks/*/cases.ts': { files: [contract, './*'] },
  'functions/sinks/*/handler.ts': { files: ['functions/core/runtime', './sink.ts'] },
  'functions/fanout': {
    files: allCore.filter((folder) => folder !== 'functions/core/chat'),
    packages: ['aws-lambda'],
    globals: ['process'],
  },
  // All that the router knows of sinks is what options they have.
  'functions/fanout/handler.ts': { files: [contract, 'functions/fanout', 'functions/sinks/*/config.ts'] },
} satisfies Record<string, Wall>;

const infraShared = ['infra/called.ts', 'infra/discover.ts', 'infra/bundles.ts', 'infra/build.ts'];
const infra = {
  'infra/sink-modules.ts': { node: ['fs', 'path', 'url'], globals: ['dynamic'] },
  'infra/discover.ts': { files: [contract, 'infra/sink-modules.ts'], node: ['path'] },
  'infra/called.ts': {},
  'infra/bundles.ts': {},
  'infra/terminal': { node: ['readline', 'util'], packages: ['string-width'], globals: ['process'] },
  'infra/build.ts': {
    files: [contract, 'infra/discover.ts', 'infra/bundles.ts'],
    node: ['path'],
    packages: ['esbuild'],
    globals: ['process'],
  },
  'infra/function-files.ts': { files: ['infra/build.ts', 'infra/bundles.ts'], node: ['path'], packages: ['esbuild'] },
  'infra/lint': { files: ['package.json'], node: ['path'] },
  'infra/stack': {
    files: [...allCore, ...infraShared, 'infra/function-files.ts', 'package.json'],
    node: ['fs', 'path'],
    packages: ['aws-cdk-lib', 'constructs', 'zod/mini'],
  },
  'infra/docs': {
    // The table of costs plays what the relay gathers and sends, by its own code.
    files: [
      ...allCore,
      ...infraShared,
      'infra/seeded-random.ts',
      'infra/stack',
      'relay/manifests',
      'relay/queue/gathering.ts',
    ],
    packages: ['aws-cdk-lib', 'zod/mini'],
  },
  'infra/ops': {
    // What the archive's sink writes, its commands read. Options are explained as the documentation has them.
    files: [
      ...allCore,
      ...infraShared,
      'infra/docs/fields.ts',
      'infra/docs/schema.ts',
      'infra/stack',
      'infra/terminal',
      'relay/manifests',
      'functions/sinks/s3/line.ts',
      'package.json',
    ],
    node: ['child_process', 'crypto', 'events', 'fs', 'os', 'path', 'stream', 'timers', 'url', 'util', 'zlib'],
    packages: [
      ...['cloudformation', 'cloudwatch', 'cloudwatch-logs', 'iam', 'lambda', 's3', 'sns', 'sqs', 'ssm', 'sts'].map(
        (name) => `@aws-sdk/client-${name}`,
      ),
      'esbuild',
      're2js',
      'yaml',
    ],
    globals: ['process', 'timers'],
  },
  // Where the operator's commands are put together with what they may not know of.
  'infra/ops.ts': {
    files: [contract, 'infra/ops', 'infra/console', 'infra/terminal', 'package.json'],
    node: ['readline', 'stream'],
    globals: ['process'],
  },
  'infra/console': {
    files: [...allCore, ...infraShared, 'infra/docs/schema.ts', 'infra/ops', 'infra/stack', 'package.json'],
    node: ['crypto', 'fs', 'http', 'path', 'timers', 'url', 'zlib'],
    packages: ['esbuild', 'zod/mini'],
    globals: ['timers'],
  },
  // Runs in a browser, and knows of the server what the contract says.
  'infra/console/page': {
    files: ['infra/console/contract.ts'],
    packages: ['preact', 'preact/hooks', 'preact/jsx-runtime'],
    globals: ['timers', 'fetch'],
  },
  // The whole project comes together in the npm package, and what each of its modules reaches is behind walls of its own.
  'infra/packaging': {
    files: [
      contract,
      'functions/core/destinations',
      'functions/core/kit/nearest.ts',
      ...infraShared,
      'infra/console',
      'infra/ops',
      'infra/ops.ts',
      'infra/stack',
      'infra/terminal',
      'infra/*.ts',
      'localstack/start.ts',
      'cdk.json',
      'package.json',
    ],
    node: ['child_process', 'events', 'fs', 'module', 'os', 'path', 'util'],
    packages: ['aws-cdk-lib', 'constructs', 'esbuild'],
    globals: ['process'],
  },
  'infra/*.ts': {
    files: [...allCore, ...infraShared, 'infra/stack', 'infra/docs', 'infra/ops/before-deployment.ts'],
    node: ['fs', 'module', 'path', 'url'],
    packages: ['aws-cdk-lib'],
    globals: ['process', 'dynamic'],
  },
} satisfies Record<string, Wall>;

/** Of `infra`, what the cloud side on one machine is made of. */
const infraParts = [
  ...infraShared,
  'infra/console',
  'infra/ops',
  'infra/seeded-random.ts',
  'infra/stack',
  'infra/terminal',
];
const localstack = {
  'localstack/embedded': {
    files: [contract, 'functions/core/destinations', 'functions/core/runtime', 'functions/fanout', ...infraParts],
    node: ['crypto', 'fs', 'http', 'path', 'timers'],
    packages: ['@aws-sdk/client-sqs', 'aws-lambda', 'fauxqs'],
    globals: ['timers'],
  },
  'localstack/sample': {
    files: [contract, 'infra/console/contract.ts', 'infra/seeded-random.ts', 'infra/terminal'],
    node: ['crypto', 'events', 'fs', 'http', 'os', 'path', 'stream', 'timers'],
    globals: ['timers'],
  },
  'localstack/emulator': {
    files: [contract, ...infraParts],
    node: ['child_process', 'crypto', 'events', 'fs', 'net', 'os', 'path', 'readline', 'timers', 'url'],
    globals: ['process', 'timers', 'fetch', 'dynamic'],
  },
  'localstack/*.ts': {
    files: [
      contract,
      'relay',
      'functions/core/chat/kubectl.ts',
      'localstack/embedded',
      'localstack/sample',
      'infra/called.ts',
      'infra/console',
      'infra/ops/command.ts',
      'infra/ops/count.ts',
      'infra/ops/one-line.ts',
      'infra/ops/duration.ts',
      'infra/terminal',
      'package.json',
    ],
    node: ['fs', 'path', 'util'],
    globals: ['process'],
  },
} satisfies Record<string, Wall>;

/**
 * The walls of the house, by the folder or file behind each. `*` is any one name, `*.ts` any file of a folder but not of its
 * subfolders; the longest key that holds a file is the file's.
 * A source file that none holds is refused.
 */
export const walls: Readonly<Record<string, Wall>> = { ...relay, ...core, ...functions, ...infra, ...localstack };
