import { isMapping, type Mapping } from '../documents.ts';
import { translateText } from '../go-template.ts';
import type { Block } from './receiver.ts';

/** The exporter sends the Event itself where no layout is given. */
export function body({ block, place, report }: Block): Mapping {
  const layout = block['layout'];
  if (layout === undefined || layout === null) return { body: '${ event.raw }' };
  const losses: string[] = [];
  const translated = translateTree(layout, `${place}.layout`, (where, message) => {
    losses.push(where);
    report.add('not carried', where, message);
  });
  if (losses.length === 0) return { body: translated };
  report.add(
    'not carried',
    place,
    'written with enabled false: correct body in the destination and set enabled to true',
  );
  return { body: translated, enabled: false };
}

function translateTree(value: unknown, place: string, lose: (place: string, message: string) => void): unknown {
  if (typeof value === 'string') {
    const { text, losses } = translateText(value);
    for (const { message } of losses) lose(place, message);
    return text;
  }
  if (Array.isArray(value)) return value.map((item, index) => translateTree(item, `${place}[${index}]`, lose));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      // An expression without quotes is a mapping to YAML: {{ .Name }} is the key "{ .Name }".
      if (/^\{.*\}$|^\[object/.test(name)) lose(place, `${name} is an expression without quotes`);
      return [name, translateTree(inner, `${place}.${name}`, lose)];
    }),
  );
}
