import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import * as z from 'zod/mini';

import { installedFolder, type Service } from './cache.ts';

/** What can be done to a running service, whoever started it. */
export interface Lifecycle {
  /** Stops it and starts it again, on the same ports with the same data; resolves when it answers. */
  readonly restart: () => Promise<void>;
  /** Stops it and removes its data; resolves when no process of it is left. Harmless when called twice. */
  readonly stop: () => Promise<void>;
}

/**
 * The variable that points the tests at a service that already runs, such as `KUBE_COURIER_TEST_KAFKA`.
 * Its value is a JSON object with the service's endpoint fields, as the `...Endpoint` interfaces list them.
 */
export function endpointVariable(service: Service): string {
  return `KUBE_COURIER_TEST_${service.name.toUpperCase()}`;
}

/**
 * The service that the environment names, or undefined when it names none.
 * Such a service is not ours to restart, and stopping it does nothing.
 */
export function fromEnvironment<Endpoint extends object>(
  service: Service,
  endpoint: z.ZodMiniType<Endpoint>,
): (Endpoint & Lifecycle) | undefined {
  const variable = endpointVariable(service);
  const value = process.env[variable];
  if (value === undefined || value === '') return undefined;
  return {
    ...parseEndpoint(variable, value, endpoint),
    restart: () => Promise.reject(new Error(`cannot restart the ${service.name} that ${variable} names`)),
    stop: () => Promise.resolve(),
  };
}

/**
 * Whether a test may use the service. False, with a line on standard error that says why, where neither the environment
 * names it nor the tools to install and run it are there.
 * With `CI=true` that is an error instead, so that a green run never hides a test that did not happen.
 *
 * @example `describe.runIf(requireService(kafka))('the kafka sink', ...)`
 */
export function requireService(service: Service): boolean {
  if (process.env[endpointVariable(service)]) return true;
  const needed = existsSync(installedFolder(service)) ? service.runTools : [...service.buildTools, ...service.runTools];
  const missing = [
    ...[...new Set(needed)].filter((tool) => !isOnPath(tool)).map((tool) => `${tool} on the PATH`),
    ...(service.files ?? []).filter((file) => !existsSync(file)),
  ];
  if (missing.length === 0) return true;

  const advice = `${service.name} needs ${missing.join(', ')}, or its endpoint in ${endpointVariable(service)}`;
  if (process.env['CI'] === 'true') throw new Error(advice);
  process.stderr.write(`SKIPPED: tests against ${service.name} ${service.version}: ${advice}\n`);
  return false;
}

/** Whether the shell would find the program. */
export function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function parseEndpoint<Endpoint>(variable: string, value: string, endpoint: z.ZodMiniType<Endpoint>): Endpoint {
  try {
    return endpoint.parse(JSON.parse(value));
  } catch (cause) {
    // the value may hold a password: only the names of the fields are shown
    const fields = cause instanceof z.core.$ZodError ? cause.issues.map((issue) => issue.path.join('.')) : [];
    throw new Error(
      `${variable} must be a JSON object with valid endpoint fields; check: ${fields.join(', ') || 'the JSON syntax'}`,
    );
  }
}
