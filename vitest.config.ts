import { defineConfig } from 'vitest/config';

/** Unit tests run side by side; tests that start real processes (`*.e2e.test.ts`) run two files at a time,
 * after them. */
export default defineConfig({
  test: {
    reporters: ['default', './.ci/reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{edge,cloud-sink,gateway,simulator,hardware,.ci}/**/*.test.ts', '*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.e2e.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['{edge,cloud-sink,gateway,simulator,hardware,.ci}/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A core each on the smallest machine; two beside each other wait less than one by one.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
