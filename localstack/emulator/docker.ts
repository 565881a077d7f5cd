import { join } from 'node:path';
import { commandWorks, runCommand } from './command.ts';
import type { RunningEndpoint } from './endpoint.ts';

const COMPOSE_FILE = join(import.meta.dirname, 'compose.yaml');

/** Whether Docker's daemon answers and Compose is installed. */
export async function dockerWorks(): Promise<boolean> {
  return (await commandWorks('docker', ['info'])) && (await commandWorks('docker', ['compose', 'version']));
}

/** LocalStack as a container, its functions as containers of their own. */
export async function startContainer(): Promise<RunningEndpoint> {
  const project = `kube-courier-${process.pid}`;
  // Port 0 lets Docker choose; the file's default is for people who start it by hand.
  const env = { ...process.env, LOCALSTACK_PORT: '0' };
  const compose = (...args: string[]) =>
    runCommand('docker', ['compose', '-p', project, '-f', COMPOSE_FILE, ...args], { env });
  const stop = async () => void (await compose('down', '--volumes'));
  try {
    await compose('up', '--detach', '--wait');
    const address = (await compose('port', 'localstack', '4566')).trim();
    return {
      origin: 'container',
      endpoint: `http://${address}`,
      receivers: { bind: '0.0.0.0', host: 'host.docker.internal' },
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
