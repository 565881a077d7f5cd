import { join } from 'node:path';
import type { About, Inability } from '../../infra/console/contract.ts';
import type { ConsoleSource } from '../../infra/console/source.ts';
import { sinkTypes } from '../../infra/discover.ts';
import { OpsError } from '../../infra/ops/command.ts';
import { parseId } from '../../infra/ops/folder.ts';
import { nameProblem } from '../../infra/ops/folder-files.ts';
import { folderDocuments } from '../../infra/ops/formats.ts';
import { testEvent } from '../../infra/ops/test-event.ts';
import { embeddedFlow } from './console-flow.ts';
import { embeddedLetters, replayEmbedded } from './console-letters.ts';
import type { ConsoleTap } from './console-tap.ts';
import { keepVersions } from './console-versions.ts';
import { removeDocument, writeDocument } from './document-file.ts';
import type { EmbeddedStack } from './embedded.ts';

export interface EmbeddedSourceOptions {
  /** What is watched, such as `built-in sample cluster`. */
  readonly title: string;
  /** The destinations folder, which the stack delivers by. */
  readonly folder: string;
  readonly stack: EmbeddedStack;
  /** The stack's tap. */
  readonly tap: ConsoleTap;
  /** What answers a destination of the sample, or why there is none. */
  readonly receiver: NonNullable<ConsoleSource['receiver']> | Inability;
  readonly earlier?: ConsoleSource['earlier'];
  /** Ends the look at the folder. */
  readonly signal: AbortSignal;
}

/** What the console shows of an embedded stack. */
export function embeddedSource(options: EmbeddedSourceOptions): ConsoleSource {
  const { title, folder, stack, tap, receiver, earlier, signal } = options;
  const documents = folderDocuments(folder);
  const versions = keepVersions(folder, documents, signal);
  const cannot: About['cannot'] = 'why' in receiver ? { receiver } : {};
  return {
    about: { kind: 'embedded', title, sinks: sinkTypes(), cannot },
    follow: tap.follow,
    flow: async () => embeddedFlow(stack, tap, versions.types()),
    letters: () => embeddedLetters(stack),
    replay: (request, ended) => replayEmbedded(stack, request, ended),
    documents,
    versions: (id) => versions.earlier(id),
    save: (request) => versions.save(request),
    noEdit: async (id) => versions.noEdit(id),
    async test(id) {
      // Only of a type that there is has the stack a function.
      parseId(id);
      const event = testEvent(new Date(), 'somebody tests this destination from the console');
      const fate = await stack.test({ destination: id, event });
      if (fate.status === 'delivered') return { status: 'delivered', ...(fate.warning && { detail: fate.warning }) };
      return { status: fate.status, code: fate.code, detail: fate.detail };
    },
    putSilence: async (name, text) => writeDocument(silenceFile(name), text),
    removeSilence: async (name) => removeDocument(silenceFile(name)),
    ...(!('why' in receiver) && { receiver }),
    ...(earlier && { earlier }),
  };

  /** @throws {OpsError} for what is no name, and so might lead elsewhere. */
  function silenceFile(name: string): string {
    const problem = nameProblem(name);
    if (problem !== undefined) throw new OpsError(problem);
    return join(folder, 'silences', `${name}.json`);
  }
}
