import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from './headers.ts';

/** A reader of server-sent events. */
export interface Listener {
  send(event: string, data: unknown, id?: string): void;
  /** Whether it has not read yet what it was sent. */
  isBehind(): boolean;
  end(): void;
}

/** Begins the answer. @param conceal on all that is sent. */
export function openListener(response: ServerResponse, conceal: (value: unknown) => unknown): Listener {
  response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  return {
    send(event, data, id) {
      // JSON has no line breaks of its own.
      const lines = [
        `event: ${event}`,
        ...(id === undefined ? [] : [`id: ${id}`]),
        `data: ${JSON.stringify(conceal(data))}`,
      ];
      response.write(`${lines.join('\n')}\n\n`);
    },
    isBehind: () => response.writableNeedDrain,
    end: () => void response.destroy(),
  };
}
