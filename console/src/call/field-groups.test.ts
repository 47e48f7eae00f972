import { expect, test } from 'vitest'
import type { FieldRow } from '../../../src/app/api/schema/call-detail.ts'
import { differs, groupsOf } from './field-groups.ts'

const row = (over: Partial<FieldRow>): FieldRow => ({
  group: 'tokens',
  field: 'output',
  label: 'Output',
  cells: {
    access: { state: 'not_part' },
    gateway: { state: 'value', text: '5' },
    content: { state: 'value', text: '5' },
  },
  ...over,
})

test('a field differs when witnesses say otherwise; that a whole record is missing is not said field by field', () => {
  expect(differs(row({}))).toBe(false)
  expect(differs(row({ compared: { agree: false, strength: 'independent' } }))).toBe(true)
  expect(differs(row({ cells: { ...row({}).cells, content: { state: 'differs', text: '6' } } }))).toBe(true)
  for (const state of ['absent', 'awaited', 'blind', 'none', 'empty', 'masked', 'not_part'] as const)
    expect(differs(row({ cells: { ...row({}).cells, content: { state } } })), state).toBe(false)
})

test('groups stay in the order in which fields come', () => {
  const groups = groupsOf([row({}), row({ group: 'model', field: 'model' }), row({ field: 'input' })])
  expect(groups.map(({ group, fields }) => [group, fields.length])).toEqual([
    ['tokens', 2],
    ['model', 1],
  ])
})
