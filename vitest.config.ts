import { defineConfig } from 'vitest/config';

// Bounds for what hangs, not for what is slow: a loaded machine takes its time. No test sets tighter ones.
const LIMIT_MS = 300_000;
const POLL_MS = 120_000;
const INSTALL_MS = 1_800_000;

export default defineConfig({
  test: {
    maxWorkers: '100%',
    globalSetup: 'test/support/temporary-files.ts',
    projects: [
      {
        test: {
          name: 'unit',
          env: { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
          include: ['test/**/*.test.ts'],
          setupFiles: ['test/support/languages.ts', 'test/support/seed.ts'],
          exclude: ['test/integration/**', 'test/browser/**'],
          testTimeout: LIMIT_MS,
          hookTimeout: LIMIT_MS,
          expect: { poll: { timeout: POLL_MS } },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/{integration,browser}/**/*.test.ts'],
          setupFiles: ['test/support/languages.ts', 'test/support/seed.ts'],
          testTimeout: LIMIT_MS,
          // A hook may install what it starts.
          hookTimeout: INSTALL_MS,
          expect: { poll: { timeout: POLL_MS } },
        },
      },
    ],
  },
});
