import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { marked, type Token, type Tokens } from 'marked';
import { projectFolder } from '../../infra/discover.ts';

/** A Markdown file of the project. */
export interface Guide {
  /** Relative to the project. */
  readonly file: string;
  readonly tokens: readonly Token[];
}

/** A fenced block: ```<lang> <tags...> */
export interface Fence {
  readonly file: string;
  readonly lang: string;
  readonly tags: readonly string[];
  readonly text: string;
}

/** A command of a line of shell, without its redirections and variables. */
export interface Command {
  readonly file: string;
  readonly words: readonly string[];
}

/** All Markdown files of the project, built and installed ones aside. */
export function guides(): readonly Guide[] {
  const built = new Set(['node_modules', 'dist', 'cdk.out', 'coverage']);
  return globSync('**/*.md', { cwd: projectFolder, exclude: (name) => built.has(name) })
    .toSorted()
    .map(readGuide);
}

export function readGuide(file: string): Guide {
  const tokens: Token[] = [];
  const source = readFileSync(join(projectFolder, file), 'utf8');
  void marked.walkTokens(marked.lexer(source, { gfm: true }), (token) => void tokens.push(token));
  return { file, tokens };
}

/** The relative links of a guide, as the file they lead to and the anchor in it; both may be empty. */
export function links({ file, tokens }: Guide): readonly { readonly file: string; readonly anchor: string }[] {
  return tokens.flatMap((token) => {
    if (token.type !== 'link' && token.type !== 'image') return [];
    const href = String(token['href']);
    if (/^([a-z]+:|\/\/)/i.test(href)) return [];
    const [path = '', anchor = ''] = href.split('#');
    const target = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)));
    return [{ file: target, anchor: decodeURIComponent(anchor) }];
  });
}

/** The anchors that GitHub gives to a guide's headings. */
export function anchors(guide: Guide): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { text } of headings(guide)) {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let unique = slug;
    for (let number = 1; found.has(unique); number += 1) unique = `${slug}-${number}`;
    found.add(unique);
  }
  return found;
}

/** Headings in their order, as they read without markup. */
export function headings({ tokens }: Guide): readonly { readonly depth: number; readonly text: string }[] {
  return tokens.flatMap((token) => (isHeading(token) ? [{ depth: token.depth, text: plain(token.tokens ?? []) }] : []));
}

function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if ('tokens' in token && token.tokens) return plain(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}

/** The part of a guide under a heading. */
export function section({ file, tokens }: Guide, title: string): Guide {
  const from = tokens.findIndex((token) => isHeading(token) && plain(token.tokens ?? []) === title);
  const heading = tokens[from];
  if (heading === undefined || !isHeading(heading)) throw new Error(`${file} has no heading ${title}`);
  const rest = tokens.slice(from + 1);
  const end = rest.findIndex((token) => isHeading(token) && token.depth <= heading.depth);
  return { file, tokens: end < 0 ? rest : rest.slice(0, end) };
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading';
}

export function fences({ file, tokens }: Guide): readonly Fence[] {
  return tokens.flatMap((token) => {
    if (token.type !== 'code') return [];
    const [lang = '', ...tags] = String(token['lang'] ?? '').split(/\s+/);
    return [{ file, lang, tags, text: String(token['text']) }];
  });
}

/** The lines of a guide's shell blocks, continued ones joined, comments left out. */
export function shellLines(guide: Guide): readonly string[] {
  return fences(guide)
    .filter(({ lang }) => lang === 'sh')
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'))
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

/** The commands in a guide's shell blocks and in its inline code. */
export function commandsOf(guide: Guide): readonly Command[] {
  const inline = guide.tokens.flatMap((token) => (token.type === 'codespan' ? [String(token['text'])] : []));
  // A sink type that the reader chooses stands for any.
  const spoken = inline
    .filter((text) => /^(echo .* \| )?(npm|npx|node) \S/.test(text))
    .map((text) => text.replaceAll('<type>', 'log'));
  return [...shellLines(guide), ...spoken].flatMap((line) =>
    parseCommands(line).map((words) => ({ file: guide.file, words })),
  );
}

const PIECE = /\s*(?:(&&|\|\||[|;<]|>>?)|((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\|;<>])+)|#.*$)/g;

/** The commands of a line of shell, as lists of words. */
export function parseCommands(line: string): readonly (readonly string[])[] {
  const all: string[][] = [[]];
  let isFile = false;
  for (const [, operator, word] of line.matchAll(PIECE)) {
    if (operator !== undefined) {
      isFile = /[<>]/.test(operator);
      if (!isFile) all.push([]);
    } else if (word !== undefined) {
      const isVariable = all.at(-1)?.length === 0 && /^[A-Z_]+=/.test(word);
      if (!isFile && !isVariable) all.at(-1)?.push(unquoted(word));
      isFile = false;
    }
  }
  return all.filter((words) => words.length > 0);
}

function unquoted(word: string): string {
  return word.replaceAll(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
    (_all, double?: string, single?: string, escaped?: string) =>
      double?.replaceAll(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? '',
  );
}

/** What follows `npm run -s ops --` or `npx kube-courier ops`; undefined for any other command. */
export function opsWords(words: readonly string[]): readonly string[] | undefined {
  const [program, verb, name] = words;
  if (program === 'npx' && verb === 'kube-courier')
    return name === 'ops' && words.length > 3 ? words.slice(3) : undefined;
  const dashes = words.indexOf('--');
  if (program !== 'npm' || verb !== 'run' || !words.includes('ops') || dashes < 0) return undefined;
  return dashes + 1 < words.length ? words.slice(dashes + 1) : undefined;
}
