import { textIn } from './options.ts';
import type { Block, MappedReceiver, ReceiverMapping } from './receiver.ts';

const LAYOUT = { layout: true, deDot: true } as const;

export const stdout: ReceiverMapping = { options: LAYOUT, map: toLog };

export const pipe: ReceiverMapping = { options: { path: true, ...LAYOUT }, map: toStream };

// A stream is not rotated.
export const file: ReceiverMapping = {
  options: { path: true, maxsize: true, maxage: true, maxbackups: true, ...LAYOUT },
  map: toStream,
};

/** The streams of a process, whose output ends in a log. */
const STREAM = /^\/dev\/(std(out|err)|fd\/[12])$|^\/proc\/(\d+|self)\/fd\/[12]$/;

function toStream(source: Block): MappedReceiver | undefined {
  const { place, report } = source;
  if (STREAM.test(textIn(source, 'path') ?? '')) return toLog(source);
  report.add('not carried', `${place}.path`, 'is a file of the pod: there is no sink for files, but log and webhook');
  return undefined;
}

function toLog({ block, place, report }: Block): MappedReceiver {
  if (Object.keys(Object(block['layout'])).length > 0)
    report.add('not carried', `${place}.layout`, 'the log sink writes the whole event');
  return { type: 'log', document: {}, secrets: {} };
}
