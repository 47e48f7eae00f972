import { expect, test } from 'vitest'
import { chipsOf } from './filter-words.ts'

test('every side of every filter has a chip that can be taken away', () => {
  const filters = {
    verdict: { is: ['bypass', 'lost'], not: [] },
    team: { is: ['data'], not: ['(none)'] },
  }
  const chips = chipsOf(filters)
  expect(chips.map(({ text }) => text)).toEqual(['Verdict is Bypass or Lost', 'Team is data', 'Team is not not said'])
  expect(chips[0]?.without).toEqual({ team: filters.team })
  expect(chips[1]?.without).toEqual({ verdict: filters.verdict, team: { is: [], not: ['(none)'] } })
})
