import { useRef } from 'preact/hooks';

interface Choice<T extends string> {
  readonly value: T;
  readonly title: string;
  readonly about?: string;
  readonly note?: string;
}

interface Props<T extends string> {
  readonly label: string;
  readonly chosen: T;
  readonly choices: readonly Choice<T>[];
  readonly isDisabled?: boolean;
  readonly onChoose: (value: T) => void;
}

/** One of a few, side by side: a group of radio buttons, in which arrows move. */
export function Segments<T extends string>({ label, chosen, choices, isDisabled = false, onChoose }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const move = (by: number): void => {
    const next = (choices.findIndex(({ value }) => value === chosen) + by + choices.length) % choices.length;
    const choice = choices[next];
    if (!choice || isDisabled) return;
    onChoose(choice.value);
    box.current?.querySelectorAll<HTMLElement>('[role="radio"]')[next]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(by);
  };
  return (
    <div ref={box} class="segments" role="radiogroup" aria-label={label} onKeyDown={onKeyDown}>
      {choices.map(({ value, title, about, note }) => (
        <button
          key={value}
          type="button"
          role="radio"
          class="segment"
          aria-checked={value === chosen}
          tabIndex={value === chosen ? 0 : -1}
          disabled={isDisabled}
          onClick={() => onChoose(value)}
        >
          <b>{title}</b>
          {about !== undefined && <span>{about}</span>}
          {note !== undefined && <small>{note}</small>}
        </button>
      ))}
    </div>
  );
}
