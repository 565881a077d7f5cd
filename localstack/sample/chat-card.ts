import type { Screen } from '../../infra/terminal/screen.ts';
import { cutTo, padded, widthOf, wrapTo } from '../../infra/terminal/width.ts';

/** What a group's members see of a robot's message, in DingTalk's own Markdown. */
export interface ChatMessage {
  readonly title: string;
  readonly text: string;
}

const MOST_CELLS = 78;
const LEAST_CELLS = 24;

/** A chat's message as a card: what its Markdown says, as a client shows it. */
export function chatCard({ title, text }: ChatMessage, chat: string, { columns, paint }: Screen): readonly string[] {
  const inner = Math.max(LEAST_CELLS, Math.min(MOST_CELLS, columns ?? MOST_CELLS)) - 4;
  const lines = text.replaceAll('\u200B', '').split('\n');
  const name = cutTo(chat, inner - 1);
  const side = paint('detail', '│');
  return [
    paint('detail', `╭─ ${name} ${'─'.repeat(inner - 1 - widthOf(name))}╮`),
    ...(text === '' ? [title] : lines).flatMap((line) =>
      shownLine(line, inner).map(([tone, part]) => `${side} ${padded(paint(tone, part), inner)} ${side}`),
    ),
    paint('detail', `╰${'─'.repeat(inner + 2)}╯`),
  ];
}

type Painted = readonly [tone: 'head' | 'detail' | undefined, text: string];

function shownLine(line: string, width: number): readonly Painted[] {
  const [, mark = '', content = ''] = /^(### |> |- )?(.*?) *$/.exec(line) ?? [];
  const text = content.replaceAll('**', '').replace(/^`(.*)`$/, '$ $1');
  if (mark === '### ') return wrapTo(text, width).map((part) => ['head', part]);
  const before = { '> ': '▏ ', '- ': '• ' }[mark] ?? '';
  const tone = text.startsWith('Event ') ? 'detail' : undefined;
  return wrapTo(text, width - before.length).map((part, index) => [
    tone,
    `${index === 0 || mark === '> ' ? before : ' '.repeat(before.length)}${part}`,
  ]);
}
