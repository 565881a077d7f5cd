import type { Problem, SinkConfig } from '../../functions/core/contract/config.ts';
import { parseSettings } from '../../functions/core/destinations/destination.ts';
import { textOf } from '../../functions/core/contract/untrusted.ts';
import type { Filter, Rule } from '../../functions/core/destinations/filter.ts';
import { TYPES } from '../../functions/core/destinations/known-values.ts';
import { parseJsonObject } from '../../functions/core/destinations/json-object.ts';
import { loadConfig } from '../discover.ts';
import { problemLine, type DestinationSource, type FileProblem } from './folder.ts';
import type { Io } from './command.ts';
import { isRobot } from './import/robots.ts';
import { lookedUpIn } from './looked-up.ts';

export const NEEDS_LABELS = 'needs a relay with --enrich labels (ops relay manifest), and is not known without';

/** What is allowed in a valid destination and yet hardly meant, and what needs something outside of it. */
export async function warningsOf({ type, file, text, secretText }: DestinationSource): Promise<readonly FileProblem[]> {
  const config = await loadConfig(type);
  const settings = parseSettings(config, text);
  if ('problems' in settings) return [];
  const { filter } = settings.value;
  const needed = lookedUpIn(text, filter).map(({ field }) => ({ field, message: NEEDS_LABELS }));
  const found = [...(isForPeople(config, secretText) ? withoutFilter(filter) : []), ...oddValues(filter), ...needed];
  return found.map((problem) => ({ file, ...problem }));
}

/** What an imported filter for people says by the type of events, and others have no word for. */
export async function adviceOf({ type, file, text, secretText }: DestinationSource): Promise<readonly FileProblem[]> {
  const config = await loadConfig(type);
  const settings = parseSettings(config, text);
  if (!isForPeople(config, secretText) || 'problems' in settings) return [];
  const { match = [] } = settings.value.filter;
  const index = match.findIndex((rule) => rule.type === 'Warning' && rule.severity === undefined);
  if (index < 0) return [];
  const message =
    'Warning leaves out lost nodes, which Kubernetes reports as Normal, and lets advice through: "severity": ["critical", "warning"] in its place is what people mean';
  return [{ file, field: `filter.match[${index}].type`, message }];
}

/** Whether a destination is a chat or a pager, by its type or by the address of a robot. */
function isForPeople(config: SinkConfig, secretText: string | undefined): boolean {
  return config.chat || config.pager === true || isRobot(urlIn(secretText));
}

/** The address in a webhook's secrets: that of a robot leads to a chat too. */
function urlIn(secretText = '{}'): string {
  const parsed = parseJsonObject(secretText);
  return 'value' in parsed ? textOf(parsed.value['url']) : '';
}

/** Tells the warnings on standard error: they are no mistakes. */
export async function warn(source: DestinationSource, io: Pick<Io, 'err'>): Promise<void> {
  for (const warning of await warningsOf(source)) io.err(`note: ${problemLine(warning)}`);
}

function withoutFilter({ match = [], drop = [] }: Filter): readonly Problem[] {
  if (match.length > 0 || drop.length > 0) return [];
  const message = `is not given: everything that happens in every cluster becomes a message. Let pass what people must know, for example "filter": {"match": [{"severity": ["critical", "warning"]}]}`;
  return [{ field: 'filter', message }];
}

/** Types that Kubernetes does not give, and kinds that begin in lower case, as in commands: hardly any event has them. */
function oddValues({ match = [], drop = [] }: Filter): readonly Problem[] {
  return [...oddIn(match, 'filter.match'), ...oddIn(drop, 'filter.drop')];
}

function oddIn(rules: readonly Rule[], path: string): readonly Problem[] {
  return rules.flatMap(({ type, kind, all = [] }, index) => [
    ...plainTexts(type)
      .filter((text) => !TYPES.includes(text))
      .map((text) => ({
        field: `${path}[${index}].type`,
        message: `has ${text}, and the types that Kubernetes gives are ${TYPES.join(' and ')}`,
      })),
    ...plainTexts(kind)
      .filter((text) => /^\p{Ll}/u.test(text))
      .map((text) => ({
        field: `${path}[${index}].kind`,
        message: `has ${text}, and kinds begin in upper case, in the singular (Pod, Node, Deployment)`,
      })),
    ...oddIn(all, `${path}[${index}].all`),
  ]);
}

/** The patterns that stand for themselves: without wildcards, and no regular expressions. */
function plainTexts(patterns: string | readonly string[] | undefined = []): readonly string[] {
  return [patterns].flat().filter((text) => !text.includes('*') && !text.startsWith('/'));
}
