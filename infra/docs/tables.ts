import type { Call, Exchange, SinkCase } from '../../functions/core/contract/case.ts';
import type { CodeDoc, Codes, SinkConfig } from '../../functions/core/contract/config.ts';
import { isHeldBySilences } from '../../functions/core/destinations/destination.ts';
import type { Recovery } from '../../functions/core/contract/recovery.ts';
import type { Assessment } from '../../functions/core/contract/severity.ts';
import { kindOf } from '../discover.ts';
import { fieldsOf, type Field } from './fields.ts';
import { optionsSchema, secretsSchema, type JsonSchema } from './schema.ts';

/** The tables of a sink's options and secrets. */
export function optionsSection(config: SinkConfig): string {
  const secrets = secretsSchema(config);
  const plain = config.plainSecrets ?? [];
  return [
    `Beside these, every destination has ${commonNames(config)}.`,
    'For editors: [schema.json](schema.json).',
    '',
    ...(hasFields(optionsSchema(config)) ? fieldTable('option', optionsSchema(config)) : ['There are no options.']),
    '',
    ...(hasFields(secrets)
      ? [
          'Secrets, in the SecureString:',
          '',
          ...fieldTable('secret', secrets),
          ...(plain.length > 0
            ? ['', `Where nothing in it is secret, ${plain.map(code).join(', ')} may stand among the options instead.`]
            : []),
        ]
      : ['There are no secrets.']),
  ].join('\n');
}

function commonNames(config: SinkConfig): string {
  const common = '[`enabled`, `filter` and `repeats`](../../DESTINATIONS.md)';
  return isHeldBySilences(config) ? `${common}, and [\`silences\`](../../DESTINATIONS.md#silences)` : common;
}

/** A sink's first case: what is configured, and what an event becomes. */
export function exampleSection({ options, secrets, exchanges, calls, lines }: SinkCase): string {
  const shown = Object.keys(options).length > 0;
  return [
    ...(shown ? ['With these options', '', fenced('json', pretty(options))] : ['With the default options']),
    ...(secrets ? ['and these secrets', '', fenced('json', pretty(secrets))] : []),
    ...(shown || secrets ? [] : ['']),
    'an event becomes',
    '',
    ...(exchanges ?? []).map(httpRequest),
    ...(calls ?? []).map(clientCall),
    ...(lines && lines.length > 0 ? [fenced('text', lines.join('\n'))] : []),
  ]
    .join('\n')
    .trimEnd();
}

/** What each code of a sink means and what to do. */
export function codesSection(codes: Codes): string {
  const common = '[those that every sink has](../../DESTINATIONS.md#codes-that-every-sink-has)';
  if (Object.keys(codes).length === 0) return `Its codes are ${common}.`;
  return [...codeTable(codes), '', `Beside these: ${common}.`].join('\n');
}

/** One row for each meaning, with all the codes that have it. */
export function codeTable(codes: Codes): readonly string[] {
  const meanings = Map.groupBy(Object.entries(codes), ([, doc]: readonly [string, CodeDoc]) => doc);
  const rows = [...meanings].map(([{ status, meaning, advice }, entries]) => [
    entries.map(([name]) => code(name)).join(' '),
    status,
    meaning,
    advice,
  ]);
  return table(['code', 'outcome', 'meaning', 'what to do'], rows);
}

/** Which reasons are of which severity, and why. */
export function severityTable(assessments: readonly Assessment[]): readonly string[] {
  const rows = assessments.map(({ severity, why, reasons }) => [
    code(severity),
    why,
    reasons.toSorted().map(code).join(' '),
  ]);
  return table(['severity', 'why', 'reasons'], rows);
}

/** Which reasons say that another is over. */
export function recoveryTable(recoveries: readonly Recovery[]): readonly string[] {
  const rows = recoveries.map(({ reason, kind, ends }) => [code(reason), code(kind), code(ends)]);
  return table(['reason', 'of a', 'ends'], rows);
}

const SINKS_WORDS = {
  en: { head: ['sink', 'delivers to', 'kind'], chat: 'chat', pager: 'pager', other: 'store or transport' },
  zh: { head: ['sink', '投递到', '类型'], chat: '群聊', pager: '告警值班', other: '存储或传输' },
} as const;

/** Sinks with links to their folders. */
export function sinksTable(configs: readonly SinkConfig[], language: keyof typeof SINKS_WORDS): string {
  const say = SINKS_WORDS[language];
  const rows = configs.map((config) => [
    `[${config.type}](functions/sinks/${config.type}/README.md)`,
    (language === 'zh' ? config.titleZh : undefined) ?? config.title,
    say[kindOf(config)],
  ]);
  return table(say.head, rows).join('\n');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

function fieldTable(head: string, schema: JsonSchema): readonly string[] {
  return table([head, 'type', 'default', 'meaning'], fieldsOf(schema, codeOf).map(fieldRow));
}

function fieldRow({ name, type, isRequired, default: fallback, example, description }: Field): readonly string[] {
  const required = isRequired ? 'required' : '';
  const meaning = [description, ...(example === undefined ? [] : [`Example: ${codeOf(example)}`])];
  return [code(name), type, fallback === undefined ? required : codeOf(fallback), meaning.join(' ')];
}

function hasFields(schema: JsonSchema): boolean {
  return Object.keys(schema.properties ?? {}).length > 0;
}

function httpRequest({ request }: Exchange): string {
  const { method, url, headers = {}, body } = request;
  const head = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const text = typeof body === 'string' ? body : pretty(body ?? '');
  return fenced('http', [...head, ...(body === undefined ? [] : ['', text.trimEnd()])].join('\n'));
}

function clientCall({ method, args }: Call): string {
  return `${code(method)} with\n\n${fenced('json', args.map(pretty).join('\n'))}`;
}

function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}\n`;
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'undefined';
}

function codeOf(value: unknown): string {
  return code(typeof value === 'string' && value !== '' ? value : JSON.stringify(value));
}

function code(text: string): string {
  const plain = text.replaceAll('\n', '\\n');
  return plain.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
