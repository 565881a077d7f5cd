import { ServiceError } from '../aws/service-calls.ts';
import { namedMessageOf } from '../contract/untrusted.ts';
import type { DocumentSource, ListedDocument, StoredDocument, Tree, UnreadableDocument } from './documents.ts';
import type { ParameterCalls, ParameterPage } from './ssm-calls.ts';

/** Parameters that one GetParameters may name. */
const READ_SIZE = 10;

/** Parameters below a prefix. An account reads 40 parameters a second, so only secrets that changed are decrypted. */
export function ssmSource(ssm: ParameterCalls, prefix: string): DocumentSource {
  const root = prefix.replace(/\/+$/, '');
  return {
    list,
    read,
    history,
    maxAgeMs: () => 30_000 + Math.random() * 15_000,
  };

  async function list(tree: Tree, type?: string, signal?: AbortSignal): Promise<ReadonlyMap<string, ListedDocument>> {
    const request = { Path: `${root}/${tree}${type === undefined ? '' : `/${type}`}`, Recursive: true };
    const found = new Map<string, ListedDocument>();
    for await (const page of pages((token) => ssm.getParametersByPath({ ...request, ...token }, signal))) {
      for (const { name, document, isEncrypted } of parametersOf(page)) {
        const { version } = document;
        found.set(idOf(tree, name), tree !== 'secrets' && !isEncrypted ? document : { version });
      }
    }
    return found;
  }

  async function read(
    tree: Tree,
    ids: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>> {
    const found = new Map<string, StoredDocument | UnreadableDocument>();
    for (let from = 0; from < ids.length; from += READ_SIZE) {
      const some = await readSome(tree, ids.slice(from, from + READ_SIZE), signal);
      for (const [id, document] of some) found.set(id, document);
    }
    return found;
  }

  /** One secret that cannot be decrypted fails the whole call; so each is then asked for by itself. */
  async function readSome(
    tree: Tree,
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>> {
    try {
      return await readTogether(tree, ids, signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const [id = ''] = ids;
      if (ids.length <= 1) return new Map([[id, { failure: namedMessageOf(error) }]]);
    }
    const found = new Map<string, StoredDocument | UnreadableDocument>();
    for (const id of ids) for (const [name, document] of await readSome(tree, [id], signal)) found.set(name, document);
    return found;
  }

  async function readTogether(
    tree: Tree,
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const Names = ids.map((id) => `${root}/${tree}/${id}`);
    const reply = await ssm.getParameters({ Names, WithDecryption: true }, signal);
    return new Map(parametersOf(reply).map(({ name, document }) => [idOf(tree, name), document]));
  }

  async function history(tree: Tree, id: string, signal?: AbortSignal): Promise<readonly StoredDocument[]> {
    const versions: StoredDocument[] = [];
    const request = { Name: `${root}/${tree}/${id}`, WithDecryption: tree === 'secrets' };
    for await (const page of pages((token) => ssm.getParameterHistory({ ...request, ...token }, signal))) {
      versions.push(...parametersOf(page).map(({ document }) => document));
    }
    return versions.toSorted((a, b) => Number(b.version) - Number(a.version));
  }

  function idOf(tree: Tree, name: string): string {
    const path = `${root}/${tree}/`;
    if (!name.startsWith(path)) throw new Error(`SSM answered with ${name}, which is not below ${path}`);
    return name.slice(path.length);
  }
}

interface FoundParameter {
  readonly name: string;
  readonly document: StoredDocument;
  readonly isEncrypted: boolean;
}

/** The parameters of an answer. @throws {Error} if it is none: an answer without a list must not look like "there are none". */
function parametersOf({ Parameters }: ParameterPage): readonly FoundParameter[] {
  if (!Array.isArray(Parameters)) throw new Error('SSM answered without a list of parameters');
  return Parameters.map(({ Name, Version, Value, Type }) => {
    if (Name === undefined || Version === undefined || Value === undefined)
      throw new Error('SSM answered with a parameter without name, version or value');
    return { name: Name, document: { version: String(Version), text: Value }, isEncrypted: Type === 'SecureString' };
  });
}

/** All pages of a listing. @throws {Error} if SSM sends the reader back to one that it has had. */
async function* pages(
  ask: (token: { readonly NextToken?: string }) => Promise<ParameterPage>,
): AsyncGenerator<ParameterPage> {
  const asked = new Set<string>();
  let token: string | undefined;
  do {
    const page = await ask(token ? { NextToken: token } : {});
    yield page;
    token = page.NextToken;
    if (token && asked.has(token)) throw new Error('SSM answers the same page again and again');
    asked.add(token ?? '');
  } while (token);
}

/** Whether SSM, or KMS behind it, refuses what was asked for, which asking again will not change. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ServiceError) || error.status < 400 || error.status > 499) return false;
  return error.status !== 429 && !/thrott|toomany|limitexceeded/i.test(error.name);
}
