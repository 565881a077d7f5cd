import { useSay } from '../foundation/app.ts';
import { diffLines } from './diff.ts';

const SIGNS = { same: ' ', added: '+', removed: '-' } as const;

export function DiffView({
  before,
  after,
  label,
}: {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}) {
  const say = useSay();
  const lines = diffLines(before, after);
  if (lines.every(({ kind }) => kind === 'same')) return <p class="quiet">{say('save.same')}</p>;
  return (
    <div class="diff" role="group" aria-label={label} tabIndex={0}>
      {lines.map(({ kind, text }, index) => (
        <div key={index} class={`is-${kind}`}>
          <span>{SIGNS[kind]}</span>
          {text}
        </div>
      ))}
    </div>
  );
}
