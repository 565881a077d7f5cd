import { asWritten } from '../environment.ts';
import type { Mapping } from '../documents.ts';
import { exactPattern, oneOrList, regexPattern, regexProblem } from '../patterns.ts';
import { PLACEHOLDER_TEXT, type Report } from '../report.ts';
import type { Options } from './sink-uri.ts';

/** The filter that a sink's level, namespaces, kinds and reason options amount to, with `enabled: false` for one that let nothing pass. */
export function kubeEventerFilter(
  options: Options,
  sink: {
    /** The chats compare the Event's own namespace, the webhook the object's. */
    readonly namespaceField: 'namespace' | 'eventNamespace';
    readonly level: (level: string | undefined) => string | readonly string[] | undefined;
    /** Whether an empty list lets everything pass (the chats) or nothing (the webhook). */
    readonly emptyListPasses: boolean;
    readonly hasReason: boolean;
  },
  place: string,
  report: Report,
): Mapping {
  const level = knownLevel(options.one('level'), place, report);
  const rule: Record<string, unknown> = { type: sink.level(level) };
  let passes = true;
  const lists = [
    ['namespaces', sink.namespaceField],
    ['kinds', 'kind'],
    ...(sink.hasReason ? [['reason', 'reason'] as const] : []),
  ] as const;
  for (const [name, field] of lists) {
    const values = options.all(name);
    const [list] = values;
    if (list === undefined) continue;
    if (values.length > 1) {
      report.add(
        'changed',
        `${place} ${name}`,
        'is given more than once: kube-eventer reads only the first, and so does this',
      );
    }
    // A reason may be a class of characters, which looks much like a placeholder.
    if (PLACEHOLDER_TEXT.test(list) && (name !== 'reason' || /[ _]/.test(list))) {
      report.add(
        'fill in',
        `${place} ${name}`,
        `holds the placeholder ${list}: add ${field} to the filter, or leave it out`,
      );
      continue;
    }
    if (list === '' && name !== 'reason') {
      if (!sink.emptyListPasses) passes = false;
      continue;
    }
    rule[field] = oneOrList(list.split(',').map((item) => pattern(name, item, place, report)));
  }
  if (!passes) {
    report.add('changed', place, 'an empty namespaces or kinds let nothing pass: written with enabled false');
  }
  const fields = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
  return {
    ...(!passes && { enabled: false }),
    ...(Object.keys(fields).length > 0 && { filter: { match: [fields] } }),
  };
}

function knownLevel(level: string | undefined, place: string, report: Report): string | undefined {
  if (level === undefined || !PLACEHOLDER_TEXT.test(level)) return level;
  report.add('fill in', `${place} level`, `holds the placeholder ${level}: taken as the default, Warning`);
  return 'Warning';
}

function pattern(option: string, item: string, place: string, report: Report): string {
  if (option !== 'reason') return exactPattern(asWritten(item));
  const problem = regexProblem(asWritten(item));
  if (problem !== undefined) {
    report.add(
      'refuse',
      `${place} reason`,
      `${problem}; kube-eventer takes commas as separators, so write them as \\x2c`,
    );
  }
  return regexPattern(asWritten(item));
}

/** dingtalk and wechat: events of the level and above; a misspelt level lets everything pass. */
export function chatLevel(
  place: string,
  report: Report,
): (level: string | undefined) => string | readonly string[] | undefined {
  return (level) => {
    if (level === undefined || level === 'Warning') return 'Warning';
    if (level === 'Normal') return ['Normal', 'Warning'];
    report.add(
      'note',
      `${place} level`,
      `${level} is no level, so that kube-eventer lets every event pass: so does this`,
    );
    return undefined;
  };
}
