import { expect, test } from 'vitest'
import { createHubApi } from '../../src/app/api/hub-api.ts'
import type { HubServices } from '../../src/app/hub-services.ts'
import { TriptychError } from '../../src/platform/triptych-error.ts'

// A store that fails must cost one answer, never the program.

const failing = {
  clock: { now: () => Date.UTC(2026, 0, 2) },
  act: async () => ({ seq: 1, at: '2026-01-02T00:00:00Z' }),
  status: () => ({ simulated: true }),
  engine: {
    rows: () => Promise.reject(new TriptychError('STORE_LIMIT', { surface: 'test' })),
    async *query() {
      yield* []
      throw new TriptychError('STORE_LIMIT', { surface: 'test' })
    },
  },
}

test('every counted answer over a failing store is a problem of its own, and nothing is left unhandled', async () => {
  const unhandled: unknown[] = []
  const note = (cause: unknown) => void unhandled.push(cause)
  process.on('unhandledRejection', note)
  const api = createHubApi(failing as unknown as HubServices, { via: 'socket' })
  for (const path of ['/calls', '/calls/facets?verdict=bypass', '/calls/histogram', '/attention', '/coverage'])
    expect((await api.request(`/api/v1${path}`)).status, path).toBe(503)
  const cut = await (await api.request('/api/v1/calls/export')).text()
  expect(cut).toContain('INCOMPLETE: STORE_LIMIT')
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
