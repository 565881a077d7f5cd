import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { assertLocalAccount, localEnvironment, type LocalStack } from './localstack.ts';

const PROJECT = join(import.meta.dirname, '../..');
const CDK = join(PROJECT, 'node_modules', '.bin', 'cdk');

export interface Deployment {
  /** CDK context, as with `--context name=value`: objects and lists as JSON. */
  readonly context?: Readonly<Record<string, string | number | boolean | object>>;
  /** The command that synthesises the app. @default the one in cdk.json */
  readonly app?: string;
}

/** A stack's outputs by name. */
export type StackOutputs = Readonly<Record<string, string>>;

/** Prepares LocalStack for CDK deployments, as `cdk bootstrap` prepares an account. Harmless when repeated. */
export async function bootstrap(localStack: LocalStack, deployment: Deployment = {}): Promise<void> {
  await cdk(localStack, deployment, 'bootstrap', 'aws://000000000000/us-east-1');
}

/** Deploys all stacks of the app with the real command line, and gives the outputs of each by the stack's name. */
export function deploy(
  localStack: LocalStack,
  deployment: Deployment = {},
): Promise<Readonly<Record<string, StackOutputs>>> {
  return withFolder(async (folder) => {
    const outputs = join(folder, 'outputs.json');
    await cdk(localStack, deployment, 'deploy', '--all', '--require-approval', 'never', '--outputs-file', outputs);
    const stacks: Readonly<Record<string, StackOutputs>> = JSON.parse(await readFile(outputs, 'utf8'));
    return stacks;
  });
}

export async function destroy(localStack: LocalStack, deployment: Deployment = {}): Promise<void> {
  await cdk(localStack, deployment, 'destroy', '--all', '--force');
}

async function cdk(localStack: LocalStack, { app, context = {} }: Deployment, ...command: string[]): Promise<void> {
  await assertLocalAccount(localStack.endpoint);
  const contextArgs = Object.entries(context).flatMap(([name, value]) => [
    '--context',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  // Each run has its own output folder: two at a time must not share one.
  await withFolder(async (output) => {
    const args = [
      ...command,
      '--output',
      output,
      '--no-notices',
      '--ci',
      ...(app ? ['--app', app] : []),
      ...contextArgs,
    ];
    await runCommand(CDK, args, { cwd: PROJECT, env: localEnvironment(localStack) });
  });
}

async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-courier-cdk-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
