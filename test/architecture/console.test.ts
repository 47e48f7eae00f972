import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { revealRoles } from '../../console/src/call/reveal-rights.ts'
import { rolesFor } from '../../src/app/access/permissions.ts'
import { breaksNaming, cyclesIn } from './rules.ts'
import { filesBelow, importsBelow, root } from './source-tree.ts'

const place = join(root, 'console/src')
const files = filesBelow(place)
const imports = importsBelow(place)

test('the console takes only types from the program, of its API and its nouns', () => {
  const outside = imports.filter(({ relative, to }) => relative && to.startsWith('..'))
  expect(outside.length).toBeGreaterThan(10)
  const wrong = outside.filter(
    ({ typeOnly, to }) => !typeOnly || !/^\.\.\/\.\.\/src\/(app\/api\/schema|record)\//.test(to),
  )
  expect(wrong).toEqual([])
})

test('no files of the console import each other in a circle, and none is over 400 lines', () => {
  expect(cyclesIn(imports)).toEqual([])
  expect(files.filter((file) => readFileSync(join(place, file), 'utf8').split('\n').length > 400)).toEqual([])
})

test('names are kebab-case, and nothing is a home for leftovers or a barrel', () => {
  expect(files.map(breaksNaming).filter((fault) => fault !== undefined)).toEqual([])
})

test('the console asks for the roles that the hub asks for', () => {
  expect(revealRoles).toEqual({ identity: rolesFor('identify'), content: rolesFor('read_content') })
})
