import { loadAllLanguages } from '../../functions/core/kit/languages.ts';

// Tests parse documents and compile filters by themselves. That functions load what they need, is tested on their bundles.
await loadAllLanguages();
