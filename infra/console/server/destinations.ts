import { unknownDestination } from '../../ops/preview.ts';
import { loadConfig } from '../../discover.ts';
import { typeProblem } from '../../ops/sinks.ts';
import { playedWith } from '../check.ts';
import type { Check, DestinationDetail, Skeleton } from '../contract.ts';
import { summaryOf } from '../destination-reader.ts';
import { schemaOf, skeletonOf } from '../skeleton.ts';
import { fieldsIn, hides } from '../secrets.ts';
import { shownText, type Showing } from '../shown-document.ts';
import { withTexts } from '../texts.ts';
import { able, type Context } from './context.ts';
import { readEdit, secretOf, versionsOf } from './editing.ts';
import type { Endpoints } from './endpoint.ts';
import { Refusal } from './refusal.ts';
import { checkRequest, parameter, parseRequest } from './requests.ts';

/** Events that a document is tried on. */
const LOOKED = 200;

/** Destinations as they are, and what one would do as it is typed. */
export function destinationEndpoints(context: Context): Endpoints {
  const { source, ring, secrets, destinations } = context;
  return {
    'GET /api/destinations': {
      async run({ signal }) {
        able(source, 'destinations', true);
        return (await destinations(signal)).map(summaryOf);
      },
    },
    'GET /api/destination': {
      run({ query, signal }) {
        able(source, 'destinations', true);
        return detailOf(parameter(query, 'id'), signal);
      },
    },
    'GET /api/skeleton': {
      async run({ query }): Promise<Skeleton> {
        const type = parameter(query, 'type');
        const problem = typeProblem(type);
        if (problem !== undefined) throw new Refusal(404, problem);
        return skeletonOf(await loadConfig(type));
      },
    },
    'POST /api/destinations/check': {
      async run({ body, signal }): Promise<Check> {
        able(source, 'destinations', true);
        const { id, text } = parseRequest(checkRequest, body);
        const { source: edited, problems } = await readEdit(id, text, context, signal);
        const events = ring.newest(LOOKED).map(({ event }) => event);
        const nothing = { playground: [], looked: 0, passing: 0, preview: [] };
        const played = edited.type === '' ? nothing : await playedWith(edited, events);
        // Whatever the sink calls its fields: somebody may have put a secret where it does not belong.
        const concealed = (payload: unknown): unknown => withTexts(payload, secrets.redact);
        const preview = played.preview.map((each) => ({ ...each, payload: concealed(each.payload) }));
        return { problems, ...played, preview };
      },
    },
  };

  async function detailOf(id: string, signal: AbortSignal): Promise<DestinationDetail> {
    const all = await destinations(signal);
    const found = all.find((each) => each.id === id);
    if (!found)
      throw new Refusal(
        404,
        unknownDestination(
          id,
          all.map((each) => each.id),
        ),
      );
    const [versions, secret, noEdit] = await Promise.all([
      versionsOf(id, context),
      secretOf(id, secrets.documents, signal),
      source.noEdit?.(id),
    ]);
    const { config, document } = found;
    const showing: Showing = { config, redact: secrets.redact };
    const text = 'text' in document ? document.text : '';
    const summary = summaryOf(found);
    return {
      ...summary,
      text: shownText(text, showing),
      secrets: [...namesIn(text).filter((name) => hides(config, name)), ...namesIn(secret?.text)],
      schema: config ? await schemaOf(config) : {},
      ...(noEdit && { noEdit }),
      versions: versions
        .filter(({ version }) => version !== summary.version)
        .map((each) => ({ ...each, text: shownText(each.text, showing) })),
    };
  }
}

function namesIn(text = '{}'): readonly string[] {
  return Object.keys(fieldsIn(text) ?? {}).filter((name) => name !== '$schema');
}
