import { expect, test } from 'vitest'
import { missingRole } from './reveal-rights.ts'

test('who may not see something is told the role before giving a reason', () => {
  expect(missingRole('identity', ['viewer'])).toBe('needs the investigator or privacy role')
  expect(missingRole('content', ['viewer', 'investigator'])).toBe('needs the content role')
})

test('one of the roles is enough', () => {
  expect(missingRole('identity', ['privacy'])).toBeUndefined()
  expect(missingRole('content', ['viewer', 'content'])).toBeUndefined()
})
