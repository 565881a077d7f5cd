import { useRef } from 'preact/hooks';
import type { FieldProblem } from '../../contract.ts';
import { jsonPlaces, lineOf } from './json-places.ts';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly isReadOnly: boolean;
  readonly problems: readonly FieldProblem[];
  readonly describedBy: string;
  readonly onInput: (text: string) => void;
  readonly onSave: () => void;
}

/** A text with the numbers of its lines; those with a problem are marked. Tab leaves it, as it leaves any field. */
export function JsonEditor({ label, text, isReadOnly, problems, describedBy, onInput, onSave }: Props) {
  const gutter = useRef<HTMLDivElement>(null);
  const places = jsonPlaces(text);
  const wrong = new Map(
    problems.flatMap(({ field, message }) => {
      const line = lineOf(field, places);
      return line === undefined ? [] : [[line, message] as const];
    }),
  );
  return (
    <div class="json-editor">
      <div ref={gutter} class="gutter" aria-hidden="true">
        {text.split('\n').map((_line, index) => (
          <span key={index} class={wrong.has(index) ? 'is-wrong' : undefined} title={wrong.get(index)}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        aria-label={label}
        aria-invalid={problems.length > 0}
        aria-describedby={describedBy}
        value={text}
        readOnly={isReadOnly}
        spellcheck={false}
        autocomplete="off"
        wrap="off"
        onInput={(event) => onInput(event.currentTarget.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
        onKeyDown={(event) => {
          if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          onSave();
        }}
      />
    </div>
  );
}
