import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { codeOf, listOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { KubeconfigEntry } from './kubeconfig-file.ts';

/** What a plugin gives. */
export interface ExecCredential {
  readonly token: string;
  /** PEM, empty without. */
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** A command that gives credentials (`users[].user.exec`). */
export interface ExecPlugin {
  /** For people. */
  readonly name: string;
  readonly isRunning: boolean;
  /** @param refused whether the server has just refused what it gave. @throws {Error} with a sentence for the user. */
  credential(refused: boolean): Promise<ExecCredential>;
  /** Ends it if it is running. */
  close(): void;
}

/** A person may have to answer in a browser; past this nobody will. */
const PLUGIN_LIMIT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Runs the plugin as kubectl does without a terminal, keeps what it gives until it expires or is refused, and ends what
 * does not end by itself.
 * @param user the kubeconfig's user.
 * @param cluster what the plugin is told about the cluster, where it wants to know.
 */
export function createExecPlugin(
  user: KubeconfigEntry,
  cluster: () => Promise<unknown>,
  limitMs: number = PLUGIN_LIMIT_MS,
): ExecPlugin {
  const exec = recordOf(user.fields['exec']);
  const command = textOf(exec['command']);
  const name = `the kubeconfig's credential plugin "${command}"`;
  let known: { readonly credential: ExecCredential; readonly untilMs: number } | undefined;
  let running: Promise<ExecCredential> | undefined;
  let child: ChildProcess | undefined;

  async function run(): Promise<ExecCredential> {
    const info = {
      apiVersion: textOf(exec['apiVersion']),
      kind: 'ExecCredential',
      spec: { interactive: false, ...(exec['provideClusterInfo'] === true && { cluster: await cluster() }) },
    };
    const env = Object.fromEntries(
      listOf(exec['env']).map((entry) => [textOf(recordOf(entry)['name']), textOf(recordOf(entry)['value'])]),
    );
    child = spawn(commandOf(command, user.folder), listOf(exec['args']).map(textOf), {
      env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what the plugin starts ends with it.
      detached: true,
    });
    const output = await outputOf(child, name, limitMs, textOf(exec['installHint']));
    const { credential, untilMs } = credentialOf(output, name);
    known = { credential, untilMs };
    return credential;
  }

  return {
    name,
    get isRunning() {
      return running !== undefined;
    },
    async credential(refused) {
      if (exec['interactiveMode'] === 'Always') {
        throw new Error(`${name} wants a terminal (interactiveMode: Always), and the relay has none`);
      }
      if (!refused && known !== undefined && Date.now() < known.untilMs) return known.credential;
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    close() {
      if (running !== undefined && child !== undefined) killGroup(child);
    },
  };
}

/** A path is relative to the kubeconfig; a mere name is looked for where commands are. */
function commandOf(command: string, folder: string): string {
  return /[\\/]/.test(command) ? resolve(folder, command) : command;
}

function outputOf(child: ChildProcess, name: string, limitMs: number, installHint: string): Promise<string> {
  return new Promise((done, fail) => {
    let out = '';
    let err = '';
    const end = (error: Error): void => {
      killGroup(child);
      fail(error);
    };
    const timer = setTimeout(() => {
      end(new Error(`${name} did not end within ${limitMs / 1000} s, and was ended`));
    }, limitMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.length > MAX_OUTPUT_BYTES) end(new Error(`${name} says too much`));
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      err = (err + chunk.toString()).slice(-300);
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      const hint = installHint === '' ? '' : `: ${installHint}`;
      const problem = codeOf(error) === 'ENOENT' ? 'is not installed' : `cannot be run (${codeOf(error)})`;
      fail(new Error(`${name} ${problem}${hint}`, { cause: error }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) done(out);
      else fail(new Error(`${name} failed with exit code ${code ?? 'none'}: ${err.trim()}`));
    });
  });
}

function credentialOf(output: string, name: string): { credential: ExecCredential; untilMs: number } {
  const status = recordOf(recordOf(parseOr(output))['status']);
  const credential = {
    token: textOf(status['token']),
    clientCertificate: textOf(status['clientCertificateData']),
    clientKey: textOf(status['clientKeyData']),
  };
  if (credential.token === '' && credential.clientCertificate === '') {
    throw new Error(`${name} gave neither a token nor a certificate`);
  }
  const untilMs = Date.parse(textOf(status['expirationTimestamp']));
  return { credential, untilMs: Number.isNaN(untilMs) ? Number.POSITIVE_INFINITY : untilMs };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
