import { useEffect, useRef } from 'preact/hooks';

/** What keys do, by `KeyboardEvent.key`. The last that was drawn comes first; one that returns false leaves the key to the others. */
export type Keys = Readonly<Record<string, () => boolean | void>>;

const stack: { current: Keys }[] = [];

/** Keys that work anywhere in the page while the component is drawn, except where somebody types. */
export function useKeys(keys: Keys): void {
  const own = useRef(keys);
  own.current = keys;
  useEffect(() => {
    stack.push(own);
    return () => {
      stack.splice(stack.indexOf(own), 1);
    };
  }, []);
}

/** @returns what ends it. */
export function listenForKeys(): () => void {
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { target } = event;
  if (target instanceof Element) {
    if (event.key !== 'Escape' && target.closest('input, textarea, select, dialog')) return;
    // A button is pressed with these, and a list of choices is moved in by arrows.
    if ([' ', 'Enter'].includes(event.key) && target.closest('button, a, summary')) return;
    if (event.key.startsWith('Arrow') && target.closest('[role="radiogroup"], [role="tablist"]')) return;
  }
  for (const { current } of stack.toReversed()) {
    const act = current[event.key];
    if (act && act() !== false) {
      event.preventDefault();
      return;
    }
  }
}
