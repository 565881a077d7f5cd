import { recordOf } from '../../../functions/core/contract/untrusted.ts';
import { able, type Context } from './context.ts';
import type { Endpoints } from './endpoint.ts';
import { parseRequest, replayRequest } from './requests.ts';

/** A queue of many letters takes a while. */
const LIMIT_MS = 120_000;

/** Letters, and what is sent back of them. */
export function letterEndpoints({ source }: Context): Endpoints {
  return {
    'GET /api/letters': {
      limitMs: LIMIT_MS,
      run({ signal }) {
        able(source, 'letters', true);
        return source.letters(signal);
      },
    },
    'POST /api/letters/replay': {
      limitMs: LIMIT_MS,
      changes: (body) => recordOf(body)['dryRun'] !== true,
      run({ body, signal }) {
        able(source, 'replay', source.replay !== undefined);
        const { owner, code, destination, dryRun } = parseRequest(replayRequest, body);
        const chosen = { ...(code !== undefined && { code }), ...(destination !== undefined && { destination }) };
        return source.replay?.({ owner, dryRun, ...chosen }, signal);
      },
    },
  };
}
