import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bannedIn, breaksArrow, breaksNaming, cyclesIn } from './rules.ts'
import { filesBelow, importsBelow, root } from './source-tree.ts'

const src = join(root, 'src')
const files = filesBelow(src)
const imports = importsBelow(src)

test('the gates look at the whole tree', () => {
  expect(files.length).toBeGreaterThan(80)
  expect(imports.length).toBeGreaterThan(250)
})

test('every import points down the arrows', () => {
  expect(imports.map(breaksArrow).filter((fault) => fault !== undefined)).toEqual([])
})

test('no files import each other in a circle', () => {
  expect(cyclesIn(imports)).toEqual([])
})

test('names are kebab-case, and nothing is a home for leftovers or a barrel', () => {
  expect(files.map(breaksNaming).filter((fault) => fault !== undefined)).toEqual([])
})

test('no file holds what is banned, and none is over 400 lines', () => {
  expect(
    files
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) => bannedIn(file, readFileSync(join(src, file), 'utf8'))),
  ).toEqual([])
})

test('the simulator imports nothing of the product', () => {
  const foreign = importsBelow(join(root, 'simulator/src')).filter(
    (found) => found.relative && found.to.startsWith('..'),
  )
  expect(foreign).toEqual([])
})

/** Where a name or a body leaves the vault. */
const opensVault = /\.identityOf\(|vault\.read\(/

test('identity and content leave the vault in one file only, the one whose every way goes through the audited read', () => {
  const textOf = (file: string) => readFileSync(join(src, file), 'utf8')
  const opening = files.filter(
    (file) => !file.startsWith('evidence/vault/') && !file.endsWith('.test.ts') && opensVault.test(textOf(file)),
  )
  expect(opening).toEqual(['app/api/routes/sensitive.ts'])
  const routes = textOf('app/api/routes/sensitive.ts').match(/routes\.\w+\(/g) ?? []
  const audited = textOf('app/api/routes/sensitive.ts').match(/await auditedRead\(/g) ?? []
  expect(audited.length).toBe(routes.length)
})
