import { problemText } from '../../../functions/core/destinations/destination.ts';
import { concealer } from '../../ops/destinations/conceal.ts';
import { OpsError } from '../../ops/command.ts';
import { failureText } from '../../ops/failure.ts';
import type { DestinationSource } from '../../ops/folder.ts';
import { configOf, fieldsIn, hides } from '../secrets.ts';
import type { Saved, SaveRequest, TestAnswer } from '../contract.ts';
import { able, type Context } from './context.ts';
import { readEdit, storedOne, versionsOf } from './editing.ts';
import { always, type Endpoints } from './endpoint.ts';
import { Refusal } from './refusal.ts';
import { parseRequest, rollbackRequest, saveRequest, testRequest } from './requests.ts';

/** A function that was never called takes long the first time. */
const TEST_LIMIT_MS = 60_000;

/** What writes destinations, and tries them. */
export function savingEndpoints(context: Context): Endpoints {
  const { source, secrets } = context;
  return {
    'PUT /api/destination': {
      changes: always,
      run({ body, signal }) {
        able(source, 'edit', source.save !== undefined);
        return save(parseRequest(saveRequest, body), signal);
      },
    },
    'POST /api/destination/rollback': {
      changes: always,
      async run({ body, signal }) {
        able(source, 'rollback', source.save !== undefined);
        const { id, version } = parseRequest(rollbackRequest, body);
        const basedOn = await storedVersion(id, signal);
        if (basedOn === '') throw new Refusal(404, `there is no destination ${id}`);
        const found = (await versionsOf(id, context)).find((each) => each.version === version);
        if (!found) throw new Refusal(404, `${id} has no version ${version} any more`);
        return save({ id, text: found.text, basedOn }, signal);
      },
    },
    'POST /api/destination/test': {
      changes: always,
      limitMs: TEST_LIMIT_MS,
      async run({ body, signal }): Promise<TestAnswer | undefined> {
        able(source, 'test', source.test !== undefined);
        const { id } = parseRequest(testRequest, body);
        if ((await storedVersion(id, signal)) === '') throw new Refusal(404, `there is no destination ${id}`);
        return source.test?.(id);
      },
    },
  };

  async function save({ id, text, basedOn }: SaveRequest, signal: AbortSignal): Promise<Saved | undefined> {
    const edit = await readEdit(id, text, context, signal);
    if (edit.storedVersion !== basedOn) throw outdated(id);
    if (edit.problems.length > 0) throw new Refusal(400, `nothing was saved: ${problemText(edit.problems)}`);
    try {
      return await source.save?.({ id, text: edit.source.text, basedOn });
    } catch (error) {
      if ((await storedVersion(id, signal)) !== basedOn) throw outdated(id);
      // Whoever refuses what was to be written may repeat it.
      const message = error instanceof OpsError ? error.message : failureText(error);
      throw new OpsError(concealer(await secretFieldsOf(edit.source))(message));
    }
  }

  async function storedVersion(id: string, signal: AbortSignal): Promise<string> {
    return (await storedOne(id, secrets.documents, signal))?.version ?? '';
  }
}

/** The fields of a document that may be secret, as JSON. */
async function secretFieldsOf({ id, text }: DestinationSource): Promise<string> {
  const config = await configOf(id);
  const fields = Object.entries(fieldsIn(text) ?? {});
  return JSON.stringify(Object.fromEntries(fields.filter(([field]) => hides(config, field))));
}

function outdated(id: string): Refusal {
  return new Refusal(409, `${id} was changed meanwhile: load it again, and repeat your change on what is there now`);
}
