import { renderManifest, type RelayIdentity } from '../../../relay/manifests/render.ts';
import { checkSettings } from '../../../relay/manifests/settings.ts';
import { nearest } from '../../../functions/core/kit/nearest.ts';
import { readStack, STACK_OPTIONS, type Deployed } from '../aws/stack.ts';
import { defineCommand, OpsError, usageError, type Io } from '../command.ts';
import { relayBundle } from './bundle.ts';

const DEFAULT_SECRET = 'kube-courier-aws';

export const command = defineCommand({
  usage: '--cluster NAME | kubectl apply -f -',
  about:
    "Prints the relay's manifest for a cluster, from the stack's outputs: queue, region and how the relay proves who it is. What is left to do by hand is said on standard error.",
  examples: [
    'npm run -s ops -- relay manifest --cluster prod | kubectl apply -f -',
    'npm run -s ops -- relay manifest --cluster prod --enrich labels | kubectl apply -f -',
  ],
  options: {
    ...STACK_OPTIONS,
    cluster: { value: 'NAME', about: "The cluster's name, as events carry it." },
    namespaces: { value: 'A,B', about: 'Watch only these namespaces, and be allowed to read no others.' },
    image: { value: 'IMAGE', about: 'An image with Node 24; by default the official one.' },
    secret: {
      value: 'NAME',
      about: `The Secret with an access key, where the cluster has no other identity; default ${DEFAULT_SECRET}.`,
    },
    enrich: {
      value: 'HOW',
      about:
        'What is added to events of the objects that they are about: owners (what events tell, the default), labels (also what the API server says; adds the rights for that), or none.',
    },
    set: { value: 'NAME=VALUE', repeatable: true, about: 'A further setting of the relay, such as LOG_LEVEL=debug.' },
    force: {
      about:
        'Also for a cluster that the stack does not list, or with a setting that the relay does not know or the manifest contradicts.',
    },
  },
  async run(args, io) {
    const cluster = args.required('cluster');
    const enrich = args.text('enrich');
    const settings = {
      ...Object.fromEntries(args.list('set').map(parseSetting)),
      ...(enrich !== undefined && { ENRICH: enrich }),
    };
    const deployed = await readStack(args);
    const listed = deployed.relays.find((relay) => relay.cluster === cluster);
    const doubts = [...(listed ? [] : [notListed(deployed, cluster)]), ...settingDoubts(settings)];
    if (doubts.length > 0 && !args.flag('force'))
      throw new OpsError(`${doubts.join('\n')}\nno manifest was printed; --force prints it all the same`);
    for (const doubt of doubts) io.err(doubt);
    const identity = identityOf(deployed.stack, listed, cluster, args.text('secret') ?? DEFAULT_SECRET, io);
    const namespaces = args.text('namespaces')?.split(',');
    const image = args.text('image');
    const manifest = renderManifest({
      bundle: await relayBundle(),
      queueUrl: deployed.ingestQueueUrl,
      region: deployed.region,
      cluster,
      identity,
      settings,
      ...(listed && { namespace: listed.namespace }),
      ...(namespaces && { namespaces }),
      ...(image !== undefined && { image }),
    });
    io.out(args.json ? JSON.stringify({ cluster, manifest }) : manifest.trimEnd());
    return 0;
  },
});

function parseSetting(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw usageError(`--set is ${text}, expected NAME=VALUE`);
  return [name, value];
}

/** Settings that other parts of the manifest have to agree with. */
const SAID_OTHERWISE: Readonly<Record<string, string>> = {
  CLUSTER_NAME: 'is what --cluster says',
  NAMESPACES: 'is what --namespaces says, which grants the right to read them as well',
  PORT: "is where the manifest's probes ask: 8080",
  POD_NAME: "is each pod's own",
};

/** What the relay would not make sense of, or the manifest contradict. */
function settingDoubts(settings: Readonly<Record<string, string>>): readonly string[] {
  const { unknown, known, mistakes } = checkSettings(settings);
  const elsewhere = Object.entries(SAID_OTHERWISE).filter(([name]) => Object.hasOwn(settings, name));
  return [
    ...elsewhere.map(([name, why]) => `--set ${name}: ${why}`),
    ...unknown.map((name) => {
      const near = nearest(name, known);
      const hint = near === undefined ? `it knows ${known.join(', ')}` : `did you mean ${near}?`;
      return `--set ${name}: the relay knows no such setting (${hint})`;
    }),
    ...mistakes.map((mistake) => `--set: ${mistake}`),
  ];
}

function notListed({ relays, stack }: Deployed, cluster: string): string {
  const names = relays.map((relay) => relay.cluster);
  const near = nearest(cluster, names);
  const list = names.length === 0 ? 'it lists none' : `it lists ${names.join(', ')}`;
  const hint =
    near === undefined ? `${list}: add it to clusters and deploy, for a role and an alarm` : `did you mean ${near}?`;
  return `the stack ${stack} does not list the cluster ${cluster} (${hint})`;
}

function identityOf(
  stack: string,
  listed: Deployed['relays'][number] | undefined,
  cluster: string,
  secret: string,
  io: Io,
): RelayIdentity {
  if (listed?.identity === 'irsa') {
    if (listed.roleArn === undefined)
      throw new OpsError(`the stack ${stack} names no role for ${cluster}: deploy it again`);
    return { kind: 'irsa', roleArn: listed.roleArn };
  }
  if (listed?.identity === 'pod-identity') return { kind: 'pod-identity' };
  const namespace = listed?.namespace ?? 'kube-courier';
  const user = listed?.userName === undefined ? '' : ` of the user ${listed.userName}`;
  io.err(
    `the relay takes its access key${user} from the Secret ${secret}: kubectl --namespace ${namespace} create secret generic ${secret} --from-env-file=FILE, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in FILE`,
  );
  return { kind: 'secret', name: secret };
}
