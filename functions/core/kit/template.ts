import type { Liquid, LiquidOptions } from 'liquidjs';
import * as z from 'zod/mini';
import { clusterEvent, type ClusterEvent } from '../contract/event.ts';
import { messageOf } from '../contract/untrusted.ts';
import { toJson } from './json.ts';
import { nearest } from './nearest.ts';

/**
 * Templates are text with `${ ... }` expressions of the Liquid language: `${ event.message | truncate: 100 }`.
 * Liquid's own `{{ }}` is not used, because SSM refuses any value that contains it.
 */
const settings: LiquidOptions = {
  outputDelimiterLeft: '${',
  outputDelimiterRight: '}',
  strictFilters: true,
  ownPropertyOnly: true,
  // Templates come from a parameter, never from disk.
  templates: {},
  // Times are UTC wherever this runs, unless a template names a zone.
  timezoneOffset: 0,
  // Event text is data of strangers: bounds for what one rendering may cost.
  parseLimit: 100_000,
  renderLimit: 1000,
  memoryLimit: 10_000_000,
};

interface Engines {
  readonly text: Liquid;
  readonly url: Liquid;
}
let loaded: Engines | undefined;

/** Loads the engine of templates. Without it, a text with an expression can be neither checked nor rendered. */
export async function loadTemplates(): Promise<void> {
  loaded ??= createEngines((await import('liquidjs')).Liquid);
}

function createEngines(Engine: typeof Liquid): Engines {
  const engines = {
    text: new Engine({ ...settings, outputEscape: inText }),
    url: new Engine({ ...settings, outputEscape: (value) => encodeUrlPart(inText(value)) }),
  };
  for (const [name, filter] of Object.entries(filters)) {
    const safe = (value: unknown, argument: unknown): string => filter(inText(value), inText(argument));
    for (const engine of Object.values(engines)) engine.registerFilter(name, safe);
  }
  return engines;
}

function engineOf(kind: keyof Engines): Liquid {
  if (!loaded) throw new Error('the engine of templates was not loaded');
  return loaded[kind];
}

/** Whether a text is more than itself: it has an expression, or a tag. */
function isTemplate(text: string): boolean {
  return text.includes('${') || text.includes('{%');
}

/** What Liquid's own filters cannot say, and templates that come from elsewhere need. Each makes a text of a text. */
const filters: Readonly<Record<string, (text: string, argument: string) => string>> = {
  tail: (text, count) => tail(text, Math.max(Math.trunc(Number(count)) || 0, 0)),
  title: (text) => text.replace(/(?<!\S)\S/gu, (letter) => letter.toUpperCase()),
  trim_prefix: (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  trim_suffix: (text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text),
};

/** The last characters, none of them cut in two. */
function tail(text: string, count: number): string {
  const characters = Array.from(text);
  return characters.slice(Math.max(0, characters.length - count)).join('');
}

/** What a template can name. */
export interface TemplateScope {
  readonly event: ClusterEvent;
}

/** An event with every name that one can have. */
const known: TemplateScope = {
  event: clusterEvent({
    cluster: '',
    seenAt: '',
    change: 'added',
    context: { owner: { kind: '', name: '', guessed: true } },
    event: { metadata: { uid: 'known' } },
  }),
};

/** What is wrong with a template: a syntax error, or a name that no event has. Undefined if nothing is. */
export function templateProblem(source: string): string | undefined {
  if (source.includes('{{')) return 'contains {{, which SSM refuses in any value: write ${ event.message }';
  if (!isTemplate(source)) return undefined;
  const engine = engineOf('text');
  try {
    for (const path of engine.globalVariableSegmentsSync(engine.parse(source))) {
      const problem = unknownName(path.map(String));
      if (problem !== undefined) return problem;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function unknownName(path: readonly string[]): string | undefined {
  let value: unknown = known;
  const walked: string[] = [];
  for (const part of path) {
    // Below raw, labels and annotations the names are the cluster's.
    if (['raw', 'labels', 'annotations'].includes(walked.at(-1) ?? '')) return undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    if (!Object.hasOwn(value, part)) {
      const names = Object.keys(value);
      const near = nearest(part, names);
      const place = walked.length === 0 ? 'templates have' : `${walked.join('.')} has`;
      const hint = near === undefined ? `${place}: ${names.join(', ')}` : `did you mean ${near}?`;
      return `unknown name ${[...walked, part].join('.')} (${hint})`;
    }
    value = Object.entries(value).find(([name]) => name === part)?.[1];
    walked.push(part);
  }
  return undefined;
}

/** A text that may hold expressions. */
export function templateText(): z.ZodMiniString {
  return z.string().check(
    z.superRefine((value, issues) => {
      const problem = templateProblem(value);
      if (problem !== undefined) issues.addIssue(problem);
    }),
  );
}

/** Any JSON value whose strings may hold expressions. */
export function templateTree(): z.ZodMiniType<z.core.util.JSONType> {
  return z.json().check(
    z.superRefine((tree, issues) => {
      for (const [path, text] of texts(tree, [])) {
        const problem = templateProblem(text);
        if (problem !== undefined) issues.addIssue({ code: 'custom', message: problem, path: [...path], input: text });
      }
    }),
  );
}

function texts(tree: unknown, path: readonly PropertyKey[]): readonly (readonly [readonly PropertyKey[], string])[] {
  if (typeof tree === 'string') return [[path, tree]];
  if (Array.isArray(tree)) return tree.flatMap((item, index) => texts(item, [...path, index]));
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) => texts(value, [...path, name]));
}

/** What a value is inside of a text: as in Liquid, but for an object, which is written as JSON. */
function inText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(inText).join('');
  return value === undefined || value === null ? '' : toJson(value);
}

/** Renders a text; missing values become empty, objects JSON. @throws {Error} on a failing filter or exceeded bounds. */
export function renderText(source: string, scope: TemplateScope): string {
  return isTemplate(source) ? String(engineOf('text').parseAndRenderSync(source, scope)) : source;
}

/**
 * Renders a URL: every value is percent-encoded after its filters, so that none can change the URL's structure.
 * @throws {Error} on a failing filter or exceeded bounds.
 */
export function renderUrl(source: string, scope: TemplateScope): string {
  return isTemplate(source) ? String(engineOf('url').parseAndRenderSync(source, scope)) : source;
}

/** RFC 3986 unreserved characters only: `encodeURIComponent` leaves some that end a link in Markdown. */
function encodeUrlPart(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Where a text is nothing but one expression, it stands for the expression's value, so that numbers stay numbers. */
const SINGLE_EXPRESSION = /^\s*\$\{([^{}]*)\}\s*$/;

/** Renders every string inside a JSON value. The result is a JSON value too: quotes or newlines in an event cannot break it. */
export function renderTree(tree: unknown, scope: TemplateScope): unknown {
  if (typeof tree === 'string') {
    const expression = SINGLE_EXPRESSION.exec(tree)?.[1];
    if (expression === undefined) return renderText(tree, scope);
    const value: unknown = engineOf('text').evalValueSync(expression, { ...scope });
    return value ?? null;
  }
  if (Array.isArray(tree)) return tree.map((item) => renderTree(item, scope));
  if (typeof tree === 'object' && tree !== null) {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, renderTree(value, scope)]));
  }
  return tree;
}
