import { expect, test } from 'vitest'
import { readClaims } from './token-claims.ts'

const claims = readClaims({
  sub: 'a',
  email: 'x'.repeat(321),
  team: 'not a label!',
  project: 'atlas',
  groups: ['a', 7, 'b'],
})

test('a claim that is too long is no claim: half an address is the address of somebody else', () => {
  expect(claims.text('email', 320)).toBeUndefined()
  expect(claims.text('sub', 512)).toBe('a')
})

test('a label is read only where it is one', () => {
  expect(claims.label('team')).toBeUndefined()
  expect(claims.label('project')).toBe('atlas')
})

test('of a list the texts are read, and of what is no list nothing', () => {
  expect(claims.list('groups')).toEqual(['a', 'b'])
  expect(claims.list('sub')).toEqual([])
  expect(claims.list(undefined)).toEqual([])
})
