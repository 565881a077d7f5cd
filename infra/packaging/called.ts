/** As `infra/called.ts`, for who has installed the package. */
export const called = {
  ops: 'npx kube-courier ops',
  start: 'npx kube-courier start',
  sample: 'npx kube-courier start',
  deploy: 'npx kube-courier deploy',
  update: 'npm install kube-courier@latest',
} as const;
