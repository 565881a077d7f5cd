import type { Message } from './blocks.ts';
import { htmlBlocks } from './html.ts';
import { at, listAt, textAt, toned } from './payload.ts';

/** Its severity stands in a header. */
const TONES: Readonly<Record<string, string>> = { critical: 'red', warning: 'orange', info: 'blue' };

export function emailMessage(payload: unknown): Message {
  const html = textAt(payload, 'html');
  if (html === undefined) return { blocks: [{ kind: 'unknown', value: payload }] };
  const severity = listAt(payload, 'headers').find((header) => at(header, 'Name') === 'X-Kube-Courier-Severity');
  const notice = textAt(payload, 'subject');
  return {
    ...toned(TONES[textAt(severity, 'Value') ?? '']),
    ...(notice !== undefined && { notice }),
    blocks: htmlBlocks(html),
  };
}
