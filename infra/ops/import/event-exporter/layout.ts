import { isMapping, type Mapping } from '../documents.ts';
import { translateText } from '../go-template.ts';
import type { Block } from './receiver.ts';

/** The exporter sends the Event itself where no layout is given. */
export function body({ block, place, report }: Block): Mapping {
  const layout = block['layout'];
  if (layout === undefined || layout === null) {
    report.add(
      'note',
      place,
      'sends the Event as the API gives it, without what the exporter added: clusterName, and what it looked up about the object',
    );
    return { body: '${ event.raw }' };
  }
  const losses: string[] = [];
  const translated = translateTree(layout, `${place}.layout`, {
    lose(where, message) {
      losses.push(where);
      report.add('not carried', where, message);
    },
    change: (where, message) => report.add('changed', where, message),
  });
  if (losses.length === 0) return { body: translated };
  report.add(
    'not carried',
    place,
    'written with enabled false: correct body in the destination and set enabled to true',
  );
  return { body: translated, enabled: false };
}

const TOPMOST =
  "the exporter has the object's own owners (of a pod its ReplicaSet), here it is the topmost controller (its Deployment), by kind and name alone";

type Tell = (place: string, message: string) => void;

function translateTree(value: unknown, place: string, tell: Readonly<Record<'lose' | 'change', Tell>>): unknown {
  if (typeof value === 'string') {
    const { text, losses } = translateText(value);
    for (const { message } of losses) tell.lose(place, message);
    if (/\bevent\.owner\b/.test(text)) tell.change(place, TOPMOST);
    return text;
  }
  if (Array.isArray(value)) return value.map((item, index) => translateTree(item, `${place}[${index}]`, tell));
  if (!isMapping(value)) {
    if (value !== null)
      tell.change(place, `the exporter sends null for what is no text, here it is ${JSON.stringify(value)}`);
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      // An expression without quotes is a mapping to YAML: {{ .Name }} is the key "{ .Name }".
      if (/^\{.*\}$|^\[object/.test(name)) {
        tell.lose(place, `${name} is an expression without quotes: write '{{ ... }}'`);
      }
      return [name, translateTree(inner, `${place}.${name}`, tell)];
    }),
  );
}
