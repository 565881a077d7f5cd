import { called } from '../../called.ts';
import type { SinkConfig } from '../../../functions/core/contract/config.ts';
import { nearest } from '../../../functions/core/kit/nearest.ts';
import { kindOf, loadConfig, loadConfigs } from '../../discover.ts';
import { fieldsOf, type Field } from '../../docs/fields.ts';
import { documentSchema, secretsSchema } from '../../docs/schema.ts';
import { countText } from '../count.ts';
import { columns, defineCommand, OpsError, type Io } from '../command.ts';
import { typeProblem } from '../sinks.ts';
import { skeletonOf } from './skeleton.ts';

export const command = defineCommand({
  usage: '[SINK[.FIELD]] [--skeleton]',
  about:
    "Explains a sink's options and secrets: name, type, default and meaning, from the schema that the functions use. Without a sink it lists them. Needs no AWS.",
  examples: [
    'npm run -s ops -- explain',
    'npm run -s ops -- explain slack',
    'npm run -s ops -- explain slack.channel',
    'npm run -s ops -- explain kafka --skeleton > kafka.json',
  ],
  positionals: ['[SINK[.FIELD]]'],
  options: {
    skeleton: {
      about:
        'Print the smallest document that is valid, with invented values; standard error says which secrets it needs.',
    },
  },
  async run(args, io) {
    const [asked] = args.positionals;
    if (asked === undefined) {
      if (args.flag('skeleton')) throw new OpsError('--skeleton needs a sink: see explain without it', 2);
      await listSinks(args.json, io);
      return 0;
    }
    const [type = '', ...path] = asked.split('.');
    const problem = typeProblem(type);
    if (problem !== undefined) throw new OpsError(problem);
    const config = await loadConfig(type);
    if (args.flag('skeleton')) printSkeleton(config, args.json, io);
    else explain(config, path.join('.'), args.json, io);
    return 0;
  },
});

const KINDS = { chat: 'chat', pager: 'pager', other: 'store or transport' } as const;

async function listSinks(isJson: boolean, io: Io): Promise<void> {
  const rows = (await loadConfigs()).map((config) => ({
    sink: config.type,
    title: config.title,
    kind: KINDS[kindOf(config)],
  }));
  const lines = columns(rows.map(({ sink, title, kind }) => [sink, `${title} (${kind})`]));
  for (const line of isJson ? rows.map((row) => JSON.stringify(row)) : lines) io.out(isJson ? line : line.trimStart());
}

interface Explained extends Field {
  /** The sink's, every destination's, or the secrets'. */
  readonly part: keyof typeof HEADINGS;
}

const HEADINGS = {
  own: 'Options:',
  common: 'Fields that every destination has:',
  secret: 'Secrets, which set puts into the SecureString:',
} as const;

/** The fields of both documents, the sink's own first. A secret that may stand in the open is a secret all the same. */
function fieldsIn(config: SinkConfig): readonly Explained[] {
  const { options, secrets } = config;
  const partOf = ({ name }: Field): Explained['part'] => {
    const [top = name] = name.split('.');
    if (Object.hasOwn(options.shape, top)) return 'own';
    return Object.hasOwn(secrets.shape, top) ? 'secret' : 'common';
  };
  const document = fieldsOf(documentSchema(config), plainText).map((field) => ({ ...field, part: partOf(field) }));
  const hidden = fieldsOf(secretsSchema(config), plainText).map((field): Explained => ({ ...field, part: 'secret' }));
  const of = (part: Explained['part']): readonly Explained[] => document.filter((field) => field.part === part);
  return [...of('own'), ...of('common').map(withRules), ...hidden];
}

/** The schema of rules refers to itself, which says nothing of what they are. */
function withRules(field: Explained): Explained {
  return /^filter\.(match|drop)$/.test(field.name) ? { ...field, type: 'list of rules' } : field;
}

function explain(config: SinkConfig, path: string, isJson: boolean, io: Io): void {
  const { type, title, codes } = config;
  const fields = fieldsIn(config);
  const chosen = path === '' ? fields : fields.filter(({ name }) => name === path || name.startsWith(`${path}.`));
  if (chosen.length === 0) throw new OpsError(unknownField(type, path, fields));
  if (isJson) {
    for (const { part, isRequired, ...field } of chosen)
      io.out(JSON.stringify({ sink: type, ...field, required: isRequired, secret: part === 'secret' }));
    return;
  }
  if (path !== '') {
    for (const field of chosen) for (const line of fieldLines(field)) io.out(line);
    return;
  }
  io.out(`${type}: ${title} (${KINDS[kindOf(config)]})`);
  for (const [part, own] of Map.groupBy(chosen, (field) => field.part)) {
    io.out('');
    io.out(HEADINGS[part]);
    for (const field of own) for (const line of fieldLines(field)) io.out(line);
  }
  io.out('');
  io.out('Filters, rules and templates: functions/DESTINATIONS.md.');
  const own = Object.keys(codes).length;
  const readme = `functions/sinks/${type}/README.md`;
  io.out(
    `How to set it up${own === 0 ? '' : `, and ${countText(own, 'code')} of failures with what to do`}: ${readme}.`,
  );
}

function fieldLines({
  name,
  type,
  isRequired,
  default: fallback,
  example,
  description,
  part,
}: Explained): readonly string[] {
  const notes = [
    type,
    ...(part === 'secret' ? ['secret'] : []),
    ...(isRequired ? ['required'] : []),
    ...(fallback === undefined ? [] : [`default ${plainText(fallback)}`]),
  ];
  const shown = example === undefined ? '' : ` Example: ${plainText(example)}`;
  return [`  ${name}: ${notes.join('; ')}`, `      ${description}${shown}`];
}

/** A value as it is typed: a text without quotes, everything else as JSON. */
function plainText(value: unknown): string {
  return typeof value === 'string' && /^\S.*$/.test(value) ? value : JSON.stringify(value);
}

function unknownField(type: string, path: string, fields: readonly Field[]): string {
  const names = fields.map(({ name }) => name);
  const near = nearest(path, names);
  return `${type} has no field ${path} (${near === undefined ? `there are: ${names.join(', ')}` : `did you mean ${near}?`})`;
}

function printSkeleton(config: SinkConfig, isJson: boolean, io: Io): void {
  const { type } = config;
  const { document, secrets } = skeletonOf(config);
  if (isJson) {
    io.out(JSON.stringify({ sink: type, document, secrets }));
    return;
  }
  io.out(JSON.stringify(document, null, 2));
  const names = Object.keys(secrets);
  const flags = names.map((name) => ` --secret ${name}`).join('');
  const needed = names.length === 0 ? '' : `; its secrets are asked for: ${names.join(', ')}`;
  io.err(`to store it, with your values: ${called.ops} destinations set ${type}/NAME --file FILE${flags}${needed}`);
}
