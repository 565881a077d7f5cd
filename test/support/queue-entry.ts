import type { Entry } from '../../relay/queue/backlog.ts';

/** An entry as it is when it was just pushed, with a body of its own. */
export function entry(body: string, fields: Partial<Entry> = {}): Entry {
  return {
    message: { body },
    bytes: Buffer.byteLength(body),
    parts: [],
    attempts: 0,
    isolated: false,
    accepted: () => {},
    refused: undefined,
    refusedAfter: undefined,
    standsFor: undefined,
    ...fields,
  };
}
