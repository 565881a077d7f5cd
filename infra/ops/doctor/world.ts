import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  paginateListEventSourceMappings,
  type EventSourceMappingConfiguration,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import type { ListedDocument } from '../../../functions/core/destinations/documents.ts';
import { consumersOf, type ConsumerOutput } from '../../stack/parse-outputs.ts';
import { opsCommand } from '../../stack/ops-command.ts';
import type { Deployed } from '../aws/stack.ts';
import { openStore } from '../aws/store.ts';
import type { Io } from '../command.ts';
import { readSignals, type Signals } from '../status/signals.ts';
import { readCaller, type Caller } from './caller.ts';
import type { Clients } from './clients.ts';
import { allowed } from './finding.ts';

/** A function of the stack as Lambda has it. */
export interface DeployedFunction {
  readonly consumer: ConsumerOutput;
  readonly configuration: FunctionConfiguration;
  /** How many may run at once, where it is said for this function alone. */
  readonly reserved: number | undefined;
  /** Every event source of the function. */
  readonly mappings: readonly EventSourceMappingConfiguration[];
}

/** What CloudFormation has made. */
export interface Resource {
  readonly type: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

/** What checks look at. What several of them need is asked for once. */
export interface World {
  readonly deployed: Deployed;
  readonly clients: Clients;
  readonly io: Pick<Io, 'clock' | 'progress'>;
  /** `<type>/<name>` of the destination that is to get a test event, if one is. */
  readonly destination: string | undefined;
  /** What to type for a command of the operator's on this stack. */
  readonly command: (command: string) => string;
  readonly caller: () => Promise<Caller>;
  readonly resources: () => Promise<readonly Resource[]>;
  readonly functions: () => Promise<readonly DeployedFunction[]>;
  readonly destinations: () => Promise<ReadonlyMap<string, ListedDocument>>;
  readonly signals: () => Promise<Signals>;
}

export function createWorld(
  deployed: Deployed,
  { clients, io, destination }: Pick<World, 'clients' | 'io' | 'destination'>,
): World {
  const store = openStore(deployed, clients.ssm);
  const caller = once(() => readCaller(clients.sts, io.clock));
  return {
    deployed,
    clients,
    io,
    destination,
    command: (command) => opsCommand({ stackName: deployed.stack }, command),
    caller,
    resources: once(() => allowed('cloudformation:ListStackResources', listResources(clients, deployed.stack))),
    functions: once(() => Promise.all(consumersOf(deployed).map((consumer) => readFunction(clients, consumer)))),
    destinations: once(() => allowed('ssm:GetParametersByPath', store.source.list('destinations'))),
    signals: once(async () =>
      allowed('logs:FilterLogEvents', readSignals(clients.logs, deployed, io.clock.now() + (await caller()).aheadMs)),
    ),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function listResources({ cloudFormation }: Clients, stack: string): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: stack })) {
    for (const { ResourceType = '', LogicalResourceId = '', PhysicalResourceId = '' } of page.StackResourceSummaries ??
      [])
      found.push({ type: ResourceType, logicalId: LogicalResourceId, physicalId: PhysicalResourceId });
  }
  return found;
}

async function readFunction({ lambda }: Clients, consumer: ConsumerOutput): Promise<DeployedFunction> {
  const FunctionName = consumer.functionName;
  const [configuration, concurrency, mappings] = await Promise.all([
    allowed('lambda:GetFunctionConfiguration', lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))),
    allowed('lambda:GetFunctionConcurrency', lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))),
    allowed('lambda:ListEventSourceMappings', listMappings(lambda, FunctionName)),
  ]);
  return { consumer, configuration, reserved: concurrency.ReservedConcurrentExecutions, mappings };
}

async function listMappings(
  client: Clients['lambda'],
  FunctionName: string,
): Promise<readonly EventSourceMappingConfiguration[]> {
  const found: EventSourceMappingConfiguration[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, { FunctionName }))
    found.push(...(page.EventSourceMappings ?? []));
  return found;
}
