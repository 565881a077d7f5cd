import type { EventLine } from '../../contract.ts';

export interface Filter {
  /** Words that must all occur, in any case; after `-`, must not. */
  readonly text: string;
  /** Those that are hidden. */
  readonly without: readonly EventLine['severity'][];
}

export const NO_FILTER: Filter = { text: '', without: [] };

/** Whether an event is shown. */
export function filterOf({ text, without }: Filter): (event: EventLine) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-');
  const wanted = words.filter((word) => !word.startsWith('-'));
  const unwanted = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  return (event) => {
    if (without.includes(event.severity)) return false;
    if (words.length === 0) return true;
    const { cluster, type, reason, kind, namespace, name, owner = '', message } = event;
    const all = `${cluster} ${type} ${reason} ${kind} ${namespace}/${name} ${owner} ${message}`.toLowerCase();
    return wanted.every((word) => all.includes(word)) && !unwanted.some((word) => all.includes(word));
  };
}
