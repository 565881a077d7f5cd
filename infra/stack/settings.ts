import * as z from 'zod/mini';
import { parseWith, type Problem, type SinkConfig } from '../../functions/core/contract/config.ts';
import { isHeldBySilences, problemText } from '../../functions/core/destinations/destination.ts';
import { DEFAULT_STACK_NAME } from './stack-name.ts';
import { parseList, sortContext, unknownType } from './context.ts';
import { targetPolicy, targetProblems } from './targets.ts';
import { CLUSTER_NAME } from '../../functions/core/contract/cluster-name.ts';
import { REGION } from '../../functions/core/contract/region.ts';
import { backoffSeconds } from '../../functions/core/runtime/attempts.ts';
import { CHAT_CONCURRENCY } from '../../functions/core/runtime/pace.ts';

const whole = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));
const text = (pattern: RegExp, expected: string) => z.string().check(z.regex(pattern, `expected ${expected}`));

/** What can be set for the router (`router.<name>`), for one sink type (`sinks.<type>.<name>`) and for all (`<name>`). */
const functionFields = {
  timeoutSeconds: z.optional(whole(1, 900)),
  /** How long a received message stays hidden. */
  visibilitySeconds: z.optional(whole(1, 43_200)),
  batchSize: z.optional(whole(1, 10_000)),
  /** How long Lambda collects a batch. */
  windowSeconds: z.optional(whole(0, 300)),
  /** Invocations at the same time. */
  maxConcurrency: z.optional(whole(2, 1000)),
  memoryMb: z.optional(whole(128, 10_240)),
  /** Attempts before a message becomes a dead letter. */
  maxReceives: z.optional(whole(1, 900)),
  /** The first delay of the exponential backoff. */
  retryBaseSeconds: z.optional(whole(5, 900)),
};

const clusterFields = {
  name: text(CLUSTER_NAME, "the relay's CLUSTER_NAME, such as prod-eu"),
  namespace: z._default(z.string(), 'kube-courier'),
  serviceAccount: z._default(z.string(), 'kube-courier-relay'),
};

/** A cluster, and how its relay proves to AWS who it is. */
const clusterSchema = z.discriminatedUnion('identity', [
  z.strictObject({ ...clusterFields, identity: z.literal('pod-identity'), eksCluster: z.string() }),
  z.strictObject({
    ...clusterFields,
    identity: z.literal('irsa'),
    providerArn: text(/^arn:[\w-]+:iam::\d{12}:oidc-provider\/.+$/, 'the ARN of an IAM OIDC provider'),
  }),
  z.strictObject({ ...clusterFields, identity: z.literal('access-key') }),
  z.strictObject({ ...clusterFields, identity: z.literal('none') }),
]);

const vpcSchema = z.union([
  z.literal('new'),
  /** A new one in these zones. */
  z.strictObject({
    zones: z
      .array(text(new RegExp(`^${REGION.source}[a-z]$`), 'an availability zone such as eu-west-1a'))
      .check(z.minLength(1), z.maxLength(3)),
  }),
  z.strictObject({
    subnetIds: z.array(text(/^subnet-[0-9a-f]{8,17}$/, 'a subnet id')).check(z.minLength(1)),
    securityGroupIds: z.array(text(/^sg-[0-9a-f]{8,17}$/, 'a security group id')).check(z.minLength(1)),
  }),
]);

/** Statements that allow a sink's function what its service asks for. */
const policySchema = z.array(
  z.strictObject({
    actions: z.array(text(/^[a-z0-9-]+:[A-Za-z*]+$/, 'an action such as events:PutEvents')).check(z.minLength(1)),
    resources: z.array(z.string()).check(z.minLength(1)),
  }),
);

const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const generalFields = {
  sinks: z._default(z.array(z.string()).check(z.minLength(1, 'expected at least one sink type')), ['log']),
  stackName: z._default(text(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'letters, digits and hyphens'), DEFAULT_STACK_NAME),
  prefix: z.optional(
    text(/^(\/[A-Za-z0-9._-]+)+$/, 'a parameter path such as /kube-courier').check(
      z.refine((value) => !/^\/(aws|ssm)/i.test(value), 'SSM reserves names that begin with aws or ssm'),
    ),
  ),
  clusters: z._default(z.array(clusterSchema), []),
  alarmEmail: z.optional(text(/^[^@\s]+@[^@\s]+$/, 'an e-mail address')),
  /** So many dead letters of a queue within five minutes page. */
  pageAtLetters: z._default(whole(1, 1_000_000), 10),
  queueAgeMinutes: z._default(whole(1, 10_080), 30),
  retentionDays: z._default(whole(1, 14), 7),
  deadLetterRetentionDays: z._default(whole(1, 14), 14),
  logRetentionDays: z._default(z.literal(LOG_RETENTION_DAYS), 30),
  /** How long the bucket of the sink `s3` keeps events. */
  archiveDays: z._default(whole(1, 3650), 400),
  dashboard: z._default(z.boolean(), true),
  /** Whether each destination has metrics of its own, which are billed as such. */
  metricsBy: z._default(z.enum(['sink', 'destination']), 'sink'),
  vpc: z.optional(vpcSchema),
  /** Sink types that this deployment may remove although something waits for them. */
  removeSinks: z._default(z.array(z.string()), []),
};

const generalSchema = z.strictObject(generalFields);
const functionSchema = z.strictObject(functionFields);
const sinkFields = {
  ...functionFields,
  policy: z._default(policySchema, []),
  /** The ARNs that a sink of AWS' own services may write to. */
  targets: z._default(z.array(z.string()), []),
};
const sinkSchema = z.strictObject(sinkFields);

/** The settings there are: for the stack, for the router, and for one sink type. */
export const settingNames = {
  general: [...Object.keys(generalFields), ...Object.keys(functionFields)],
  router: Object.keys(functionFields),
  sink: Object.keys(sinkFields),
} as const;

type General = z.infer<typeof generalSchema>;
type FunctionFields = z.infer<typeof functionSchema>;
export type Cluster = General['clusters'][number];
export type VpcSettings = z.infer<typeof vpcSchema>;
export type Policy = z.infer<typeof policySchema>;

/** A queue and the function that consumes it. */
export interface FunctionSettings {
  readonly timeoutSeconds: number;
  readonly visibilitySeconds: number;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number;
  readonly memoryMb: number;
  readonly maxReceives: number;
  readonly retryBaseSeconds: number;
}

export interface SinkSettings extends FunctionSettings {
  readonly type: string;
  readonly policy: Policy;
  /** The ARNs that are named as its targets; the policy allows them. */
  readonly targets: readonly string[];
  readonly ownLog: boolean;
  /** Whether it reads silences. */
  readonly silences: boolean;
}

/** What the stack is built from: context, checked and completed. */
export interface Settings extends Omit<General, 'sinks' | 'prefix'> {
  readonly prefix: string;
  readonly router: FunctionSettings;
  readonly sinks: readonly SinkSettings[];
}

/** The context cannot be used; the message names every mistake, one a line. */
export class ContextError extends Error {
  override readonly name = 'ContextError';
}

/**
 * Lambda advises a visibility timeout of six times the function's, and at least five receives. Eight receives from 30 s on
 * cover an outage of three quarters of an hour. The batch is the largest that needs no window; with 200 events in each message
 * it is 2,000 events, of which the memory holds all. The concurrency is the least
 * that SQS' event sources take: a new account runs 10 functions at once, and a sink that is refused, or that takes them all,
 * is no longer its own. 256 MB hold any sink's client.
 */
const DEFAULTS = {
  timeoutSeconds: 60,
  batchSize: 10,
  windowSeconds: 0,
  maxConcurrency: 2,
  memoryMb: 256,
  maxReceives: 8,
  retryBaseSeconds: 30,
} as const;
const VISIBILITY_PER_TIMEOUT = 6;
/** Lambda takes larger batches only with a window. */
const MAX_BATCH_WITHOUT_WINDOW = 10;

/**
 * Chats: few messages, each a digest, and few environments that must share a robot's rate: what is set for all sinks does not
 * raise their concurrency, and what is set for one chat may not. It is the same with pagers, but for their batches.
 */
const CHAT_DEFAULTS = { batchSize: 100, windowSeconds: 5, maxConcurrency: CHAT_CONCURRENCY } as const;

/** The router only reads filters and copies messages, but everything waits for it: with three sinks it fits a new account. */
const ROUTER_DEFAULTS = { maxConcurrency: 4 } as const;

/**
 * Reads the stack's settings as they were given: in the user's file, or in the CDK's context.
 * @param configs those of every sink type there is
 * @throws {ContextError}
 */
export function parseSettings(context: Readonly<Record<string, unknown>>, configs: readonly SinkConfig[]): Settings {
  const types = configs.map(({ type }) => type);
  const sorted = sortContext(context, { ...settingNames, types });
  const problems: Problem[] = [...sorted.problems];
  const read = <T>(place: string, schema: z.ZodMiniType<T>, value: unknown): T | undefined => {
    const parsed = parseWith(schema, value);
    if ('value' in parsed) return parsed.value;
    problems.push(...parsed.problems.map(({ field, message }) => ({ field: `${place}${field}`, message })));
    return undefined;
  };

  const isShared = ([name]: [string, unknown]) => Object.hasOwn(functionFields, name);
  const entries = Object.entries(sorted.general);
  const shared = read('', functionSchema, Object.fromEntries(entries.filter(isShared)));
  const general = read('', generalSchema, normalised(Object.fromEntries(entries.filter((entry) => !isShared(entry)))));
  const router = complete({ ...shared, ...read('router.', functionSchema, sorted.router) }, ROUTER_DEFAULTS);
  problems.push(...functionProblems('router', router, general));

  const enabled = general?.sinks ?? [];
  for (const type of enabled) if (!types.includes(type)) problems.push(problem('sinks', unknownType(type, types)));
  problems.push(...doubles('sinks', enabled), ...doubles('clusters', general?.clusters.map(({ name }) => name) ?? []));
  const sinks = configs
    .filter(({ type }) => enabled.includes(type))
    .map((config): SinkSettings => {
      const { type, chat, pager = false, runtime } = config;
      const isPaced = chat || pager;
      const { targets: named, ...given } = sorted.sinks.get(type) ?? {};
      const lists = { ...given, ...(named !== undefined && { targets: parseList(named) }) };
      const { policy = [], targets = [], ...own } = read(`sinks.${type}.`, sinkSchema, lists) ?? {};
      problems.push(...targetProblems(config, targets));
      const common = isPaced ? { ...shared, maxConcurrency: undefined } : shared;
      const settings = complete({ ...common, ...own }, { ...(chat && CHAT_DEFAULTS), ...runtime });
      problems.push(...functionProblems(`sinks.${type}`, settings, general));
      if (isPaced && settings.maxConcurrency > CHAT_CONCURRENCY)
        problems.push(problem(`sinks.${type}.maxConcurrency`, tooManyForChat(settings.maxConcurrency)));
      const allowed = [...policy, ...targetPolicy(config, targets)];
      return {
        ...settings,
        type,
        policy: allowed,
        targets,
        ownLog: runtime?.ownLog ?? false,
        silences: isHeldBySilences(config),
      };
    });

  if (general === undefined || problems.length > 0)
    throw new ContextError(problems.map((one) => problemText([one])).join('\n'));
  return { ...general, prefix: general.prefix ?? `/${general.stackName}`, router, sinks };
}

/** Lists as the command line has them, and clusters of which only the name is given. */
function normalised(general: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { sinks, clusters, removeSinks, ...rest } = general;
  const list = parseList(clusters);
  const named = Array.isArray(list)
    ? list.map((each: unknown) => ({ identity: 'none', ...(typeof each === 'string' ? { name: each } : Object(each)) }))
    : list;
  return {
    ...rest,
    ...(sinks !== undefined && { sinks: parseList(sinks) }),
    ...(removeSinks !== undefined && { removeSinks: parseList(removeSinks) }),
    ...(clusters !== undefined && { clusters: named }),
  };
}

function complete(own: FunctionFields, defaults: Partial<FunctionSettings>): FunctionSettings {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...defaults, ...given };
  const { timeoutSeconds, windowSeconds, visibilitySeconds } = { visibilitySeconds: undefined, ...settings };
  // A default must not be refused for the window that somebody has set.
  const isTooLarge = windowSeconds === 0 && own.batchSize === undefined;
  return {
    ...settings,
    batchSize: isTooLarge ? Math.min(settings.batchSize, MAX_BATCH_WITHOUT_WINDOW) : settings.batchSize,
    visibilitySeconds: visibilitySeconds ?? VISIBILITY_PER_TIMEOUT * timeoutSeconds + windowSeconds,
  };
}

/** What SQS and Lambda would refuse, or what would let time make a dead letter of a message that is being retried. */
function functionProblems(place: string, settings: FunctionSettings, general: General | undefined): readonly Problem[] {
  const { batchSize, windowSeconds, visibilitySeconds, timeoutSeconds, maxReceives, retryBaseSeconds } = settings;
  const problems: Problem[] = [];
  if (batchSize > MAX_BATCH_WITHOUT_WINDOW && windowSeconds === 0)
    problems.push(
      problem(`${place}.batchSize`, `is ${batchSize}; above 10 Lambda wants a windowSeconds of at least 1`),
    );
  if (visibilitySeconds < timeoutSeconds)
    problems.push(
      problem(`${place}.visibilitySeconds`, `is ${visibilitySeconds}, less than timeoutSeconds, ${timeoutSeconds}`),
    );
  const attempts = Array.from({ length: maxReceives }, (_, n) => backoffSeconds(n + 1, retryBaseSeconds));
  const days = attempts.reduce((sum, seconds) => sum + seconds + timeoutSeconds, 0) / 86_400;
  if (general && days > general.retentionDays)
    problems.push(
      problem(
        `${place}.maxReceives`,
        `is ${maxReceives}: retries would last ${days.toFixed(1)} days, but retentionDays is ${general.retentionDays}`,
      ),
    );
  return problems;
}

function tooManyForChat(maxConcurrency: number): string {
  return `is ${maxConcurrency}; a chat or pager runs at most ${CHAT_CONCURRENCY} invocations at once, between which the rate of its robots is shared (if messages wait: a longer windowSeconds, a larger batchSize, or a filter that lets less pass)`;
}

function doubles(field: string, names: readonly string[]): readonly Problem[] {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map((name) => problem(field, `names ${name} twice`));
}

function problem(field: string, message: string): Problem {
  return { field, message };
}
