import { useState } from 'preact/hooks';

/** Something that changes something, and how its last run went. */
export interface Act {
  readonly isBusy: boolean;
  /** A sentence. */
  readonly error?: string | undefined;
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
      setState({ isBusy: false, error: error instanceof Error ? error.message : String(error) });
      return false;
    }
  };
  return { ...state, run };
}
