import {
  DescribeStacksCommand,
  paginateDescribeStacks,
  type CloudFormationClient,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { nearest } from '../../../functions/core/kit/nearest.ts';
import { called } from '../../called.ts';
import { DEFAULT_STACK_NAME } from '../../stack/stack-name.ts';
import { consumersOf, parseOutputs, type ConsumerOutput, type StackOutputs } from '../../stack/parse-outputs.ts';
import { OpsError, type Arguments } from '../command.ts';
import { typeProblem } from '../sinks.ts';
import { createCloudFormation } from './clients.ts';

/** The option of every command that works on a deployed stack. */
export const STACK_OPTIONS = {
  stack: { value: 'NAME', about: `The CloudFormation stack; default ${DEFAULT_STACK_NAME}.` },
};

/** A deployed stack: where its queues, functions and parameters are. */
export interface Deployed extends StackOutputs {
  readonly stack: string;
}

/** Finds the stack by its outputs. @throws {OpsError} that says which stacks there are instead. */
export async function readStack(args: Arguments<typeof STACK_OPTIONS>): Promise<Deployed> {
  const name = args.text('stack') ?? DEFAULT_STACK_NAME;
  const client = createCloudFormation();
  const stack = await describe(client, name);
  if (stack === undefined) throw new OpsError(await missing(client, name));
  const deployed = deployedOf(name, stack);
  if (deployed !== undefined) return deployed;
  throw new OpsError(
    `the stack ${name} is ${stack.StackStatus ?? 'there'} but has no output IngestQueueUrl: it is not kube-courier's, or its deployment did not finish`,
  );
}

/** The stack of that name; undefined where it is not deployed. */
export async function findStack(client: CloudFormationClient, name: string): Promise<Deployed | undefined> {
  const stack = await describe(client, name);
  return stack && deployedOf(name, stack);
}

function deployedOf(stack: string, { Outputs = [] }: Stack): Deployed | undefined {
  const outputs: Record<string, string> = {};
  for (const { OutputKey, OutputValue } of Outputs) if (OutputKey) outputs[OutputKey] = OutputValue ?? '';
  return outputs['IngestQueueUrl'] === undefined ? undefined : { stack, ...parseOutputs(outputs) };
}

async function describe(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

async function missing(client: CloudFormationClient, name: string): Promise<string> {
  const names: string[] = [];
  for await (const page of paginateDescribeStacks({ client }, {})) {
    for (const { StackName, Outputs } of page.Stacks ?? []) {
      if (StackName && Outputs?.some(({ OutputKey }) => OutputKey === 'IngestQueueUrl')) names.push(StackName);
    }
  }
  const region = await client.config.region();
  const near = nearest(name, names);
  const there =
    names.length === 0
      ? `kube-courier is not deployed there: choose the region with AWS_REGION, or deploy with ${called.deploy}`
      : `there are: ${names.join(', ')}; choose with --stack`;
  return `there is no stack ${name} in ${region} (${near === undefined ? there : `did you mean --stack ${near}?`})`;
}

/** The queue and function of a sink type, or of the router. @throws {OpsError} with a suggestion. */
export function consumerOf(deployed: Deployed, owner: string): ConsumerOutput {
  const { stack } = deployed;
  const consumers = consumersOf(deployed);
  const found = consumers.find((consumer) => consumer.owner === owner);
  if (found !== undefined) return found;
  const owners = consumers.map((consumer) => consumer.owner);
  if (typeProblem(owner) === undefined) {
    throw new OpsError(`${notDeployed(owner)} (the stack ${stack} has: ${owners.join(', ')})`);
  }
  const near = nearest(owner, owners);
  throw new OpsError(
    `the stack ${stack} has no ${owner} (${near === undefined ? `it has: ${owners.join(', ')}` : `did you mean ${near}?`})`,
  );
}

/** What to do about a sink type that the stack does not have. */
export function notDeployed(type: string): string {
  return `the sink type ${type} is not deployed: add it to sinks in kube-courier.json and run ${called.deploy}`;
}
