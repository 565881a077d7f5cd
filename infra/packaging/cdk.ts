import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The commands of the CDK's that are passed on, and what they do here. */
export const cdkCommands: Readonly<Record<string, string>> = {
  synth: 'writes the CloudFormation template, and the functions, to cdk.out',
  diff: 'what a deployment would change',
  deploy: 'deploys the stack by the settings in kube-courier.json',
  bootstrap: 'prepares an account and region for deployments, once',
  destroy: 'removes the stack; queues, logs and parameters stay',
};

/**
 * Runs a command line of the CDK's on the app that is in this package.
 * @returns its exit code
 * @throws where the CDK's command line is not installed
 */
export async function runCdk(args: readonly string[]): Promise<number> {
  // The space at the end keeps the CDK from taking the first quote and the last for a pair around all of it.
  const app = `"${process.execPath}" "${join(import.meta.dirname, 'app.mjs')}" `;
  const own = ['--app', app, '--version-reporting=false'];
  const env = { CDK_DISABLE_CLI_TELEMETRY: 'true', ...process.env };
  const child = spawn(process.execPath, [commandLine(), ...args, ...own], { stdio: 'inherit', env });
  // A Ctrl-C reaches the child as well, which brings to an end what it has begun.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code]: unknown[] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

function commandLine(): string {
  try {
    return createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  } catch (error) {
    throw new Error("the CDK's command line is missing: npm install aws-cdk", { cause: error });
  }
}
