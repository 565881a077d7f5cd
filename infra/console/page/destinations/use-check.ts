import { useEffect, useState } from 'preact/hooks';
import type { Check, CheckRequest, Failure } from '../../contract.ts';
import { useApp } from '../foundation/app.ts';
import { thrown } from '../foundation/failure.ts';

const PAUSE_MS = 350;

export interface Checked {
  /** Of the last text that was checked: it stays while a newer one is. */
  readonly check?: Check;
  /** Why it could not be checked. */
  readonly error?: Failure;
  readonly isChecking: boolean;
}

/** What a document would do, once whoever types pauses. */
export function useCheck(id: string, text: string): Checked {
  const { api } = useApp();
  const [state, setState] = useState<Checked>({ isChecking: true });
  useEffect(() => {
    let isOver = false;
    setState((old) => ({ ...old, isChecking: true }));
    const timer = setTimeout(() => {
      const request: CheckRequest = { id, text };
      api.send<Check>('POST', '/api/destinations/check', request).then(
        (check) => isOver || setState({ check, isChecking: false }),
        (error: unknown) => isOver || setState({ isChecking: false, error: thrown(error) }),
      );
    }, PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [api, id, text]);
  return state;
}
