import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bannedIn, breaksNaming, cyclesIn } from './rules.ts'
import { filesBelow, importsBelow, root } from './source-tree.ts'

const place = join(root, 'signin/src')
const files = filesBelow(place)
const imports = importsBelow(place)
const textOf = (file: string) => readFileSync(join(place, file), 'utf8')

test('the sign-in imports nothing of the product, and of packages only its own two', () => {
  expect(files.length).toBeGreaterThan(15)
  expect(imports.filter(({ relative, to }) => relative && to.startsWith('..'))).toEqual([])
  const packages = imports.filter(({ relative, to }) => !relative && !to.startsWith('node:')).map(({ to }) => to)
  expect([...new Set(packages)].sort()).toEqual(['openid-client', 'zod'])
})

test('no files of the sign-in import each other in a circle, and names are names', () => {
  expect(cyclesIn(imports)).toEqual([])
  expect(files.map(breaksNaming).filter((fault) => fault !== undefined)).toEqual([])
})

test('no file of the sign-in holds what is banned', () => {
  expect(files.flatMap((file) => bannedIn(`signin/src/${file}`, textOf(file)))).toEqual([])
})

test('what runs at every start of the client loads the network only when a token is to be refreshed', () => {
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    const statics = textOf(file).matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)'/gm)
    for (const [, to = ''] of statics)
      if (to.startsWith('.'))
        visit(imports.find((found) => found.from === file && found.to.endsWith(to.replace(/^[./]+/, '')))?.to ?? '')
      else reached.add(to)
  }
  visit('commands/token.ts')
  expect([...reached]).toEqual(expect.arrayContaining(['store.ts', 'lock.ts', 'zod']))
  expect([...reached]).not.toContain('openid-client')
  expect([...reached]).not.toContain('provider.ts')
})

test('the main program’s entry imports nothing before it knows the command', () => {
  const entry = readFileSync(join(root, 'src/app/cli/main.ts'), 'utf8')
  expect(entry).not.toMatch(/^import\b(?!\()/m)
})
