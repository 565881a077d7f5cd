import { useSay } from '../foundation/app.ts';
import { Icon } from '../shared/icons.tsx';
import { Problem } from '../shared/states.tsx';
import { jsonPlaces, lineOf } from './json-places.ts';
import type { Checked } from './use-check.ts';

interface Props {
  readonly id: string;
  readonly text: string;
  readonly checked: Checked;
}

/** Whether what is typed may be saved, and if not, why. */
export function Problems({ id, text, checked: { check, error, isChecking } }: Props) {
  const say = useSay();
  const places = jsonPlaces(text);
  const problems = check?.problems ?? [];
  return (
    <div id={id} class="check" aria-live="polite">
      {error !== undefined && <Problem failure={error} />}
      <p class={`check-verdict${problems.length > 0 ? ' is-wrong' : ''}`}>
        {check && error === undefined && (
          <>
            <Icon name={problems.length > 0 ? 'warning' : 'delivered'} />
            {problems.length > 0 ? say('editor.problems', { n: problems.length }) : say('editor.valid')}
          </>
        )}
        <span class={`quiet${isChecking ? '' : ' is-away'}`}>{say('editor.checking')}</span>
      </p>
      {problems.length > 0 && (
        <ul class="check-problems">
          {problems.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              <code>{field === '' ? say('editor.whole') : field}</code>
              <PlaceText line={lineOf(field, places)} />
              <span>{message}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function PlaceText({ line }: { readonly line: number | undefined }) {
  const say = useSay();
  return line === undefined ? null : <span class="quiet">{say('editor.line', { n: line + 1 })}</span>;
}
