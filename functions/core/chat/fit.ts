import { cutText } from '../kit/text.ts';
import type { Card, Part } from './card.ts';

/** How a service writes a card, and how much room it has. Pure. */
export interface Layout<Laid> {
  /** The card in the service's form. It cuts the title by itself, so that a card without a body always fits. */
  readonly lay: (card: Card) => Laid;
  /** How much of the room that takes, as the service counts it. */
  readonly size: (laid: Laid) => number;
  readonly max: number;
}

/** Shorter than this, a cut message says nothing; other parts give way instead. */
const SHORTEST_QUOTE = 240;

/** What is left out first. */
const GIVEN_UP: readonly Part['kind'][] = [
  'labels',
  'links',
  'tally',
  'all',
  'commands',
  'hint',
  'facts',
  'more',
  'id',
  'quote',
  'list',
  'item',
];

/** Lays a card out within its room: first the quote is shortened, then part after part is left out, at last all but the title. */
export function fit<Laid>(card: Card, layout: Layout<Laid>): Laid {
  const laid = layout.lay(card);
  if (card.body.length === 0 || layout.size(laid) <= layout.max) return laid;
  return shortened(card, layout) ?? fit(withoutLeast(card), layout);
}

/** The card with as much of its quote as has room, if that still says something. */
function shortened<Laid>(card: Card, layout: Layout<Laid>): Laid | undefined {
  const quote = card.body.find((part) => part.kind === 'quote');
  if (!quote) return undefined;
  const lay = (units: number): Laid => {
    const text = cutText(quote.text, units, { unit: 'utf16', escape: (text) => text });
    return layout.lay({ ...card, body: card.body.map((part) => (part === quote ? { kind: 'quote', text } : part)) });
  };
  const fits = (units: number): boolean => layout.size(lay(units)) <= layout.max;
  const longest = lastOf(SHORTEST_QUOTE, quote.text.length - 1, fits);
  return longest === undefined ? undefined : lay(longest);
}

/** The last number of a range for which something holds that holds for none after it; undefined where it holds for none. */
export function lastOf(from: number, to: number, holds: (n: number) => boolean): number | undefined {
  if (from > to || !holds(from)) return undefined;
  let [last, tooMany] = [from, to + 1];
  while (tooMany - last > 1) {
    const middle = Math.floor((last + tooMany) / 2);
    if (holds(middle)) last = middle;
    else tooMany = middle;
  }
  return last;
}

function withoutLeast(card: Card): Card {
  const least = GIVEN_UP.find((kind) => card.body.some((part) => part.kind === kind));
  return { ...card, body: card.body.filter(({ kind }) => kind !== least) };
}
