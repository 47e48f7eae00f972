import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verdictNames } from '../verdict/verdict-table.ts'
import { type FilterName, type Filters, filterNames, readCallsView, toggleValue, writeCallsView } from './calls-view.ts'
import { columnIds } from './column-ids.ts'
import { parseSearchText, searchText } from './search-text.ts'

const read = (text: string) => readCallsView(parseSearchText(text))

test('an address can be read by a person', () => {
  const words = writeCallsView({
    window: { since: '2026-11-24T12:00:00Z', until: undefined },
    filters: { verdict: { is: ['bypass', 'lost'], not: [] }, person: { is: [], not: ['pq7'] } },
  })
  expect(searchText(words)).toBe('?verdict=bypass,lost&person!=pq7&since=2026-11-24T12:00:00Z')
})

test('what cannot be understood is named and not asked for', () => {
  const view = read('?verdict=nonsense,bypass&since=yesterday&colour=red&sort=,&columns=time,shoe')
  expect(view.ignored).toEqual(['since=yesterday', 'colour=red', 'verdict=nonsense', 'columns=shoe', 'sort=,'])
  expect(view.filters).toEqual({ verdict: { is: ['bypass'], not: [] } })
  expect(view.columns).toEqual(['time'])
})

test('the default window is not written', () => {
  expect(writeCallsView({ window: { since: '2d', until: undefined } })).toEqual({})
  expect(read('').window).toEqual({ since: undefined, until: undefined })
})

const value = fc.stringMatching(/^[A-Za-z0-9:._()/ &=?#%+-]{1,20}$/).filter((text) => text.trim() === text)
const filters = fc
  .uniqueArray(fc.constantFrom(...filterNames), { maxLength: 4 })
  .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), valuesFor(name)))))
  .map((pairs): Filters => Object.fromEntries(pairs))

function valuesFor(name: FilterName) {
  if (name === 'q') return value.map((text) => ({ is: [text], not: [] }))
  const values = fc.uniqueArray(name === 'verdict' ? fc.constantFrom<string>(...verdictNames) : value, {
    minLength: 1,
    maxLength: 4,
  })
  return values.map((all) => ({ is: all.slice(0, 2), not: all.slice(2) }))
}

test('every view comes back from its address as it was', () => {
  const view = fc.record({
    window: fc.constantFrom(
      { since: undefined, until: undefined },
      { since: '6h', until: undefined },
      { since: '2026-11-01', until: '2026-11-02T10:00:00Z' },
    ),
    filters,
    columns: fc.option(fc.uniqueArray(fc.constantFrom(...columnIds), { minLength: 1 }), { nil: undefined }),
    sort: fc.option(fc.record({ column: fc.constantFrom(...columnIds), descending: fc.boolean() }), { nil: undefined }),
    peek: fc.option(fc.stringMatching(/^[a-z0-9-]{8,40}$/), { nil: undefined }),
  })
  fc.assert(
    fc.property(view, (given) => {
      const { ignored, ...back } = read(searchText(writeCallsView(given)))
      expect(ignored).toEqual([])
      const columns = given.columns === undefined ? undefined : columnIds.filter((id) => given.columns?.includes(id))
      expect(back).toEqual({ ...given, columns })
    }),
  )
})

test('a value put in and taken out leaves nothing behind, and is never on both sides', () => {
  const one = toggleValue({}, 'team', 'data', 'not')
  expect(toggleValue(one, 'team', 'data')).toEqual({ team: { is: ['data'], not: [] } })
  expect(toggleValue(one, 'team', 'data', 'not')).toEqual({})
})
