import { defineConfig } from 'vitest/config'

const common = { environment: 'node' as const, pool: 'forks' as const }

/** Where a machine-readable report goes as well; the gate counts from it. */
const report = process.env['TEST_REPORT']

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: 'unit', include: ['src/**/*.test.ts'] } },
      { test: { ...common, name: 'console', include: ['console/src/**/*.test.ts'] } },
      { test: { ...common, name: 'architecture', include: ['test/architecture/*.test.ts'], testTimeout: 60_000 } },
      { test: { ...common, name: 'property', include: ['test/property/*.test.ts'], testTimeout: 60_000 } },
      { test: { ...common, name: 'simulator', include: ['simulator/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { ...common, name: 'signin', include: ['signin/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...common,
          name: 'contract',
          include: ['test/contract/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: 'journey',
          include: ['test/journey/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...common,
          name: 'oracles',
          include: ['test/oracles/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...common,
          name: 'chaos',
          include: ['test/chaos/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...common,
          name: 'browser',
          include: ['test/browser/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
