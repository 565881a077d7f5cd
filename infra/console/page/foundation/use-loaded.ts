import type { Failure } from '../../contract.ts';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { thrown } from './failure.ts';

/** What was asked for. An older value stays while a newer one is on its way, so that nothing jumps. */
export interface Loaded<T> {
  readonly value?: T;
  /** Of the last try. */
  readonly error?: Failure;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Asks when drawn first, when `key` changes, and on `reload`. A value of another key is not shown. */
export function useLoaded<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: Failure; isLoading: boolean }>({
    key,
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    const { signal } = control;
    setState((old) => (old.key === key ? { ...old, isLoading: true } : { key, isLoading: true }));
    ask(signal).then(
      (value) => signal.aborted || setState({ key, value, isLoading: false }),
      (error: unknown) =>
        signal.aborted ||
        setState((old) => ({
          ...old,
          isLoading: false,
          error: thrown(error),
        })),
    );
    return () => control.abort();
    // `ask` is another function at each drawing; `key` says when it asks for something else.
  }, [key, turn]);
  const reload = useCallback(() => setTurn((old) => old + 1), []);
  return state.key === key ? { ...state, reload } : { isLoading: true, reload };
}
