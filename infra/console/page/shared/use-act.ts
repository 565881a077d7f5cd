import { useState } from 'preact/hooks';
import type { Failure } from '../../contract.ts';
import { thrown } from '../foundation/failure.ts';

/** Something that changes something, and how its last run went. */
export interface Act {
  readonly isBusy: boolean;
  readonly error?: Failure;
  /** Resolves to whether it succeeded. One at a time: a second call while one runs does nothing. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useAct(): Act {
  const [state, setState] = useState<Omit<Act, 'run'>>({ isBusy: false });
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (state.isBusy) return false;
    setState({ isBusy: true });
    try {
      await work();
      setState({ isBusy: false });
      return true;
    } catch (error) {
      setState({ isBusy: false, error: thrown(error) });
      return false;
    }
  };
  return { ...state, run };
}
