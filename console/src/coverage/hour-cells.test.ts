import { expect, test } from 'vitest'
import type { CoverageAnswer } from '../../../src/app/api/schema/coverage.ts'
import { daysOf, hourRows, hoursOf, mergeRows } from './hour-cells.ts'

const answer: CoverageAnswer = {
  simulated: true,
  since: '2026-11-24T00:00:00.000Z',
  until: '2026-11-24T04:30:00.000Z',
  asOf: '2026-11-24T04:30:00.000Z',
  total: 0,
  verdicts: {},
  places: [
    {
      layer: 'access',
      account: '1',
      region: 'eu-west-1',
      hours: { complete: 4, blind: 1, unknown: 0 },
      spans: [
        { from: '2026-11-24T00:00:00.000Z', until: '2026-11-24T01:00:00.000Z', state: 'complete', why: 'on' },
        { from: '2026-11-24T01:00:00.000Z', until: '2026-11-24T02:00:00.000Z', state: 'blind', why: 'digest missing' },
        { from: '2026-11-24T02:00:00.000Z', until: '2026-11-24T04:30:00.000Z', state: 'complete', why: 'on' },
      ],
    },
  ],
  gatewayLogs: [],
  journals: [
    {
      source: 'gw-01',
      firstAt: '2026-11-24T01:10:00.000Z',
      lastAt: '2026-11-24T04:20:00.000Z',
      records: 9,
      holes: [],
      lostCalls: 0,
    },
  ],
  completeUntil: { access: '2026-11-24T03:30:00.000Z', gateway: '2026-11-24T04:30:00.000Z', content: null },
}

test('exactly the hour without a digest is blind, what may still come is not due, and no hour lies ahead', () => {
  const [access] = hourRows(answer)
  expect(access?.cells.map(({ state }) => state)).toEqual(['complete', 'blind', 'complete', 'not_due', 'not_due'])
  expect(access?.cells[1]?.why).toBe('digest missing')
  expect(access?.cells.at(-1)?.until).toBe(answer.until)
})

test('before its first record a gateway was idle, not blind', () => {
  const row = hourRows(answer).find(({ layer }) => layer === 'gateway')
  expect(row?.cells.map(({ state }) => state)).toEqual(['idle', 'complete', 'complete', 'complete', 'complete'])
})

test('a layer that is blind in one place only is partial as a whole', () => {
  const [access] = hourRows(answer)
  const open =
    access === undefined
      ? []
      : [access, { ...access, cells: access.cells.map((cell) => ({ ...cell, state: 'complete' as const })) }]
  expect(mergeRows(open).map(({ state }) => state)).toEqual(['complete', 'partial', 'complete', 'not_due', 'not_due'])
})

test('a gateway that wrote nothing takes nothing away from one that did', () => {
  const row = hourRows(answer).find(({ layer }) => layer === 'gateway')
  const other =
    row === undefined ? [] : [row, { ...row, cells: row.cells.map((cell) => ({ ...cell, state: 'idle' as const })) }]
  expect(mergeRows(other).map(({ state }) => state)).toEqual(['idle', 'complete', 'complete', 'complete', 'complete'])
})

test('a long span shows its last three days', () => {
  expect(hoursOf('2026-10-01T00:00:00Z', '2026-11-24T04:30:00Z')).toHaveLength(72)
})

test('hours stand under their day, newest first, and keep their place in the row', () => {
  const cells = ['2026-11-23T22:00:00.000Z', '2026-11-23T23:00:00.000Z', '2026-11-24T00:00:00.000Z']
  expect(
    daysOf(
      cells.map((from) => ({ from })),
      'utc',
    ),
  ).toEqual([
    { day: '2026-11-24', hours: [{ from: cells[2], clock: '00:00Z', index: 2 }] },
    {
      day: '2026-11-23',
      hours: [
        { from: cells[1], clock: '23:00Z', index: 1 },
        { from: cells[0], clock: '22:00Z', index: 0 },
      ],
    },
  ])
})
