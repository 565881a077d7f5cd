/** A message of a stream of server-sent events. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  /** The last id that was given, of this message or an earlier one. */
  readonly id: string;
}

/** Of one line. What is longer is no stream of ours. */
export const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads a stream as the HTML standard says (9.2.6, "Interpreting an event stream"), from texts that end anywhere. `EventSource` itself
 * cannot send the header with the token.
 *
 * @throws {Error} where a line does not end.
 */
export function createSseReader(tell: (message: SseMessage) => void): (chunk: string) => void {
  let rest = '';
  let event = '';
  let id = '';
  let data: string[] = [];
  let isFirst = true;

  const dispatch = (): void => {
    if (data.length > 0) tell({ event: event === '' ? 'message' : event, data: data.join('\n'), id });
    event = '';
    data = [];
  };

  const takeLine = (line: string): void => {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  return (chunk) => {
    if (chunk === '') return;
    rest += isFirst ? chunk.replace(/^\uFEFF/, '') : chunk;
    isFirst = false;
    const ends = /\r\n|\r(?!$)|\n/g;
    let from = 0;
    // A carriage return at the end may have its line feed in the next chunk, so it waits.
    for (let end = ends.exec(rest); end; end = ends.exec(rest)) {
      takeLine(rest.slice(from, end.index));
      from = ends.lastIndex;
    }
    rest = rest.slice(from);
    if (rest.length > MAX_LINE_CHARACTERS) throw new Error('a line of the stream does not end');
  };
}
