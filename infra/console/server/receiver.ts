import type { Receiver } from '../contract.ts';
import type { ConsoleSource } from '../source.ts';
import { able, type Context } from './context.ts';
import { always, type Endpoints } from './endpoint.ts';
import { parseRequest, receiverRequest } from './requests.ts';

/** The receiver of the embedded stack, and how it behaves. */
export function receiverEndpoints({ source }: Context): Endpoints {
  return {
    'GET /api/receiver': { run: () => read(source) },
    'PUT /api/receiver': {
      changes: always,
      run({ body }) {
        const { behaviour } = parseRequest(receiverRequest, body);
        source.receiver?.set(behaviour);
        return read(source);
      },
    },
  };
}

function read(source: ConsoleSource): Receiver | undefined {
  able(source, 'receiver', source.receiver !== undefined);
  return source.receiver?.read();
}
