import { nearest } from '../../../functions/core/kit/nearest.ts';
import { parseSilence } from '../../../functions/core/destinations/silence.ts';
import { NO_SILENCES, readSilences, type SilenceSet } from '../../../functions/core/destinations/silences.ts';
import { problemText } from '../../../functions/core/destinations/destination.ts';
import { loadLanguages } from '../../../functions/core/kit/languages.ts';
import { nameProblem } from '../../ops/folder-files.ts';
import { timeText } from '../../ops/silence/text.ts';
import { ruleText } from '../../ops/why.ts';
import type { SilenceView } from '../contract.ts';
import { able, type Context } from './context.ts';
import { always, type Endpoints } from './endpoint.ts';
import { Refusal } from './refusal.ts';
import { parameter, parseRequest, silenceRequest } from './requests.ts';

/** The silences there are. */
export function silencesNow({ secrets, clock }: Context, signal: AbortSignal): Promise<SilenceSet> {
  return readSilences(secrets.documents, NO_SILENCES, clock.now(), signal);
}

/** Silences: listed, made and removed. Whoever changes them gets the new list. */
export function silenceEndpoints(context: Context): Endpoints {
  const { source, clock } = context;
  return {
    'GET /api/silences': {
      run({ signal }) {
        able(source, 'silences', true);
        return list(signal);
      },
    },
    'POST /api/silences': {
      changes: always,
      async run({ body, signal }) {
        able(source, 'editSilences', source.putSilence !== undefined);
        const { name, minutes, why, by, match } = parseRequest(silenceRequest, body);
        const problem = nameProblem(name);
        if (problem !== undefined) throw new Refusal(400, problem);
        const now = clock.now();
        const document = { match: [match], until: endOf(now, minutes), why, by };
        const text = JSON.stringify(document, null, 2);
        await loadLanguages(text);
        const parsed = parseSilence(name, text, now);
        if ('problems' in parsed) throw new Refusal(400, problemText(parsed.problems));
        const { silences } = await silencesNow(context, signal);
        if (silences.some((each) => each.name === name && now < each.until))
          throw new Refusal(
            409,
            `there is a silence ${name} in force already: choose another name, or remove it first`,
          );
        await source.putSilence?.(name, text);
        return list(signal);
      },
    },
    'DELETE /api/silences': {
      changes: always,
      async run({ query, signal }) {
        able(source, 'editSilences', source.removeSilence !== undefined);
        const name = parameter(query, 'name');
        const problem = nameProblem(name);
        if (problem !== undefined) throw new Refusal(400, problem);
        if (!(await source.removeSilence?.(name))) {
          const near = nearest(name, [...(await source.documents.list('silences', undefined, signal)).keys()]);
          throw new Refusal(404, `there is no silence ${name}${near === undefined ? '' : ` (did you mean ${near}?)`}`);
        }
        return list(signal);
      },
    },
  };

  async function list(signal: AbortSignal): Promise<readonly SilenceView[]> {
    const { silences, errors } = await silencesNow(context, signal);
    return [
      ...silences.map(({ name, until, why, by, match }) => ({
        name,
        until: timeText(until),
        why,
        by,
        rules: match.map(ruleText),
      })),
      ...errors.map(({ silence = '', detail }) => ({ name: silence, rules: [], problem: detail })),
    ];
  }
}

/** A time that cannot be told is refused like any other that is too late. */
function endOf(now: number, minutes: number): string {
  const end = now + minutes * 60_000;
  // A fraction of a second is not shown.
  return end < Date.UTC(9999, 0) ? timeText(Math.ceil(end / 1000) * 1000) : '9999-01-01T00:00:00Z';
}
