import { isRecord, listOf, recordOf, textOf, textsOf } from '../../functions/core/contract/untrusted.ts';
import type { ObjectRef } from './object.ts';

/** What the relay keeps of an object's metadata. */
export interface Metadata {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly controller: ObjectRef | undefined;
}

/** Bounds of labels, and of annotations, in characters: each event carries them. */
const MAX_TEXTS = 4096;
const MAX_TEXT = 1024;
/** What kubectl puts into it is the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object's metadata, as far as it is of use; undefined if it is not that of the object with this name. */
export function metadataOf(value: unknown, name: string): Metadata | undefined {
  if (!isRecord(value) || value['name'] !== name) return undefined;
  const { uid, namespace, labels, annotations, ownerReferences } = value;
  return {
    uid: textOf(uid),
    labels: bounded(labels),
    annotations: bounded(annotations),
    controller: controllerOf(ownerReferences, textOf(namespace)),
  };
}

/** What an object's metadata takes in memory, with the entry that holds it, more or less. */
export function bytesOf(metadata: Metadata | undefined): number {
  return 400 + (metadata === undefined ? 0 : JSON.stringify(metadata).length);
}

/** Those of the texts for which there is room, in their order. What is long on its own has none. */
function bounded(texts: unknown): Readonly<Record<string, string>> {
  let room = MAX_TEXTS;
  return Object.fromEntries(
    Object.entries(textsOf(texts)).filter(([key, text]) => {
      const size = key.length + text.length;
      if (key === LAST_APPLIED || text.length > MAX_TEXT || size > room) return false;
      room -= size;
      return true;
    }),
  );
}

function controllerOf(references: unknown, namespace: string): ObjectRef | undefined {
  const reference = recordOf(listOf(references).find((each) => recordOf(each)['controller'] === true));
  const { apiVersion = '', kind = '', name = '', uid = '' } = textsOf(reference);
  return kind === '' || name === '' ? undefined : { apiVersion, kind, namespace, name, uid };
}
