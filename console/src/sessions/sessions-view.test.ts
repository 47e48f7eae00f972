import { expect, test } from 'vitest'
import { readSessionsView, sessionParams, writeSessionsView } from './sessions-view.ts'

test('a view goes into an address and comes back, and what an address cannot mean is named', () => {
  const words = { since: '7d', person: 'p1', team: 'payments' }
  const { ignored, ...view } = readSessionsView({ ...words, colour: 'red' })
  expect(ignored).toEqual(['colour=red'])
  expect(writeSessionsView(view)).toEqual(words)
  expect(sessionParams(view)).toEqual(words)
  expect(sessionParams(readSessionsView({}))).toEqual({})
})
