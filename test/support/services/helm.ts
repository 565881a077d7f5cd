import { buildGo } from './go.ts';
import type { Service } from './cache.ts';

const VERSION = '3.22.0';

/** No server: Helm, which renders the relay's chart. */
export const helm: Service = {
  name: 'helm',
  version: VERSION,
  buildTools: ['go'],
  runTools: [],
  install: (folder) =>
    buildGo({
      folder,
      output: 'helm',
      package: 'helm.sh/helm/v3/cmd/helm',
      module: `module build\n\ngo 1.26\n\nrequire helm.sh/helm/v3 v${VERSION}\n`,
    }),
};
