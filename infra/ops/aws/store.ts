import {
  DeleteParameterCommand,
  paginateGetParameterHistory,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { nearest } from '../../../functions/core/kit/nearest.ts';
import type {
  DocumentSource,
  StoredDocument,
  Tree,
  UnreadableDocument,
} from '../../../functions/core/destinations/documents.ts';
import { ssmSource } from '../../../functions/core/destinations/ssm-source.ts';
import { OpsError } from '../command.ts';
import { parseId, type DestinationSource } from '../folder.ts';
import { createSsm } from './clients.ts';
import { sdkParameterCalls } from './sdk-calls.ts';
import type { Deployed } from './stack.ts';

/** The parameters of a stack's destinations. */
export interface Store {
  readonly source: DocumentSource;
  /** The parameter's name. */
  parameter(tree: Tree, id: string): string;
  /** All versions that the store still has, newest first, with when and by whom they were written. */
  versions(tree: Tree, id: string): Promise<readonly WrittenVersion[]>;
  /** Writes a new version and gives its number. */
  put(tree: Tree, id: string, text: string): Promise<number>;
  /** Resolves to whether it was there. */
  remove(tree: Tree, id: string): Promise<boolean>;
}

export interface WrittenVersion {
  readonly version: string;
  /** Empty for secrets, which are not decrypted. */
  readonly text: string;
  readonly writtenAt: Date;
  /** The user's or role's name. */
  readonly writtenBy: string;
}

export function openStore({ prefix }: Deployed, ssm: SSMClient = createSsm()): Store {
  const parameter = (tree: Tree, id: string): string => `${prefix}/${tree}/${id}`;
  return {
    source: ssmSource(sdkParameterCalls(ssm), prefix),
    parameter,
    async versions(tree, id) {
      const found: WrittenVersion[] = [];
      const pages = paginateGetParameterHistory({ client: ssm }, { Name: parameter(tree, id), WithDecryption: false });
      for await (const { Parameters = [] } of pages) {
        for (const { Version, Value = '', LastModifiedDate, LastModifiedUser = 'unknown' } of Parameters) {
          found.push({
            version: String(Version),
            text: tree === 'secrets' ? '' : Value,
            writtenAt: LastModifiedDate ?? new Date(0),
            // arn:aws:sts::123456789012:assumed-role/operator/alice
            writtenBy: LastModifiedUser.split('/').slice(1).join('/') || LastModifiedUser,
          });
        }
      }
      return found.toSorted((a, b) => Number(b.version) - Number(a.version));
    },
    async put(tree, id, text) {
      const reply = await ssm.send(
        new PutParameterCommand({
          Name: parameter(tree, id),
          Value: text,
          Type: tree === 'secrets' ? 'SecureString' : 'String',
          Overwrite: true,
          // Takes the advanced tier only above 4 KB, and leaves a parameter in it that is there already.
          Tier: 'Intelligent-Tiering',
        }),
      );
      return reply.Version ?? 1;
    },
    async remove(tree, id) {
      try {
        await ssm.send(new DeleteParameterCommand({ Name: parameter(tree, id) }));
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'ParameterNotFound') return false;
        throw error;
      }
    },
  };
}

/** All deployed destinations, with their secrets if asked. */
export async function readDeployed(
  store: Store,
  secrets?: 'with secrets',
): Promise<readonly (DestinationSource & { readonly version: string })[]> {
  const documents = await store.source.list('destinations');
  const ids = [...documents.keys()].toSorted();
  const listed = secrets ? await store.source.list('secrets') : new Map();
  const found = await store.source.read('secrets', [...listed.keys()]);
  return ids.map((id) => {
    const [type = '', name = ''] = id.split('/');
    const document = documents.get(id);
    return {
      id,
      type,
      name,
      version: document && 'version' in document ? document.version : '',
      file: store.parameter('destinations', id),
      text: document && 'text' in document ? document.text : '',
      ...secretOf(store, id, found.get(id)),
    };
  });
}

/** One deployed destination with its secrets. @throws {OpsError} with a suggestion where it does not exist. */
export async function readOne(store: Store, id: string): Promise<DestinationSource & { readonly version: string }> {
  const found = await findOne(store, id);
  if (found !== undefined) return found;
  const ids = [...(await store.source.list('destinations')).keys()];
  const near = nearest(id, ids);
  const list = ids.length === 0 ? 'there are none' : `there are: ${ids.join(', ')}`;
  throw new OpsError(`there is no destination ${id} (${near === undefined ? list : `did you mean ${near}?`})`);
}

/** One deployed destination with its secrets; undefined where it does not exist. */
export async function findOne(
  store: Store,
  id: string,
): Promise<(DestinationSource & { readonly version: string }) | undefined> {
  const document = (await store.source.read('destinations', [id])).get(id);
  if (document === undefined) return undefined;
  const file = store.parameter('destinations', id);
  if ('failure' in document) throw new OpsError(`${file}: cannot be read: ${document.failure}`);
  const { type, name } = parseId(id);
  const secret = (await store.source.read('secrets', [id])).get(id);
  return {
    id,
    type,
    name,
    version: document.version,
    file,
    text: document.text,
    ...secretOf(store, id, secret),
  };
}

function secretOf(
  store: Store,
  id: string,
  secret: StoredDocument | UnreadableDocument | undefined,
): Pick<DestinationSource, 'secretFile' | 'secretText' | 'secretFailure'> {
  const secretFile = store.parameter('secrets', id);
  if (secret && 'failure' in secret) return { secretFile, secretText: '{}', secretFailure: secret.failure };
  return { secretFile, secretText: secret?.text };
}
