import { loadConfigs } from '../discover.ts';

/** The configurations of all sink types. The package's construct is made without waiting: its build puts imports in this place. */
export const configs = await loadConfigs();
