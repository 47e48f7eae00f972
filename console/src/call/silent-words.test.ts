import { expect, test } from 'vitest'
import { silentWords } from './silent-words.ts'

test('a witness that could not see says why, or where it is said', () => {
  expect(silentWords('blind', 'invocation logging is off')).toBe('could not see: invocation logging is off')
  expect(silentWords('blind', undefined)).toBe('could not see: Coverage says why')
})

test('a record that nobody could write says so instead of being merely not there', () => {
  expect(silentWords('none', 'no gateway is configured')).toBe('no gateway is configured')
  expect(silentWords('none', undefined)).toBe('no record')
})
