import { styleText } from 'node:util';
import { liveArea } from './live.ts';

/** What a colour says: somebody must act, it waits or may repair itself, it is for a second look. `head` is bold, no colour. */
export type Tone = 'act' | 'wait' | 'detail' | 'head';

const STYLES = { act: 'red', wait: 'yellow', detail: 'dim', head: 'bold' } as const;

/** How lines are shown where they go: on a terminal, or in a file or pipe. */
export interface Screen {
  /** Cells in a line of the terminal. Undefined where it is none: then programs read the lines too. */
  readonly columns: number | undefined;
  /** The text in its colour, where colours are shown: `NO_COLOR` and `FORCE_COLOR` decide, else whether it is a terminal. */
  readonly paint: (tone: Tone | undefined, text: string) => string;
  /** Shows lines in the place of those of the last time; undefined where nothing can be redrawn. */
  readonly redraw?: (lines: readonly string[]) => void;
}

/** Standard output or standard error, or what stands in for them. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Of a terminal that does not know its size. */
const DEFAULT_COLUMNS = 80;

/** Of a stream. Where `FORCE_COLOR` asks for colours, what is no terminal is one whose lines have no end. */
export function screenOf(stream: OutputStream): Screen {
  const isTerminal = stream.isTTY === true;
  const columnsElsewhere = styleText('red', '-', { stream }) === '-' ? undefined : Infinity;
  return {
    // Asked for each time: windows change their size.
    get columns() {
      return isTerminal ? stream.columns || DEFAULT_COLUMNS : columnsElsewhere;
    },
    paint: (tone, text) => (tone === undefined || text === '' ? text : styleText(STYLES[tone], text, { stream })),
    ...(isTerminal && process.env['TERM'] !== 'dumb' && { redraw: liveArea(stream) }),
  };
}

/** Where nothing is a terminal. */
export const plainScreen: Screen = { columns: undefined, paint: (_tone, text) => text };
