import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bannedIn, breaksArrow, breaksNaming, cyclesIn } from './rules.ts'
import { importsOf, root } from './source-tree.ts'

// Each gate must be able to fail: every test here plants a fault and requires that it is seen.

const arrow = (from: string, specifier: string) =>
  importsOf('/src', from, `import { x } from '${specifier}'`).map(breaksArrow)[0]

test('an import against the arrows is seen', () => {
  expect(arrow('record/a.ts', '../platform/clock.ts')).toBe('record/a.ts → platform/clock.ts')
  expect(arrow('platform/a.ts', '../record/alias.ts')).toBeDefined()
  expect(arrow('capture/gateway/a.ts', '../../evidence/store/engine.ts')).toBeDefined()
  expect(arrow('capture/gateway/a.ts', '../content/b.ts')).toBeDefined()
  expect(arrow('evidence/vault/a.ts', '../store/engine.ts')).toBeDefined()
  expect(arrow('app/a.ts', '@triptych/simulator')).toBeDefined()
  expect(arrow('capture/gateway/a.ts', 'triptych-signin')).toBeDefined()
  expect(arrow('app/cli/main.ts', 'triptych-signin')).toBeUndefined()
  expect(arrow('evidence/corroborate/a.ts', '../store/engine.ts')).toBeUndefined()
})

test('an import of a type alone, and a dynamic one, are seen too', () => {
  expect(importsOf('/src', 'record/a.ts', `import type { X } from '../app/x.ts'`).map(breaksArrow)[0]).toBeDefined()
  expect(importsOf('/src', 'record/a.ts', `const x = await import('../app/x.ts')`).map(breaksArrow)[0]).toBeDefined()
})

test('a circle is seen', () => {
  const imports = [
    ...importsOf('/s', 'a.ts', `import { b } from './b.ts'`),
    ...importsOf('/s', 'b.ts', `import { a } from './a.ts'`),
  ]
  expect(cyclesIn(imports)).toHaveLength(1)
})

test('a banned name is seen', () => {
  for (const path of ['app/utils.ts', 'shared/a.ts', 'app/helpers/b.ts', 'app/index.ts', 'app/CamelCase.ts'])
    expect(breaksNaming(path), path).toBeDefined()
})

test('a banned text is seen', () => {
  const faults = [
    "throw new Error('x')",
    'const a = process.env.X',
    'const { env } = process',
    'let a: any',
    '// @ts-ignore\n@ts-ignore',
    "console.log('x')",
    'export default 1',
    "export * from './a.ts'",
    'enum A { B }',
    'Date.now()',
    '\n'.repeat(401),
  ]
  for (const fault of faults) expect(bannedIn('record/a.ts', fault), fault).toHaveLength(1)
})

test('the compiler is the pinned one', () => {
  const pinned: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.typescript
  expect(execFileSync('npx', ['--no-install', 'tsc', '--version'], { cwd: root, encoding: 'utf8' }).trim()).toBe(
    `Version ${String(pinned)}`,
  )
})

test('the linter, with the rules of this project, sees a floating promise, an any and an unused import', () => {
  const place = mkdtempSync(join(tmpdir(), 'canary-'))
  const rules = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
  writeFileSync(join(place, 'biome.json'), JSON.stringify({ linter: { rules: rules.linter.rules } }))
  copyFileSync(join(root, 'test/architecture/canaries/floating-promise.ts'), join(place, 'floating-promise.ts'))
  const run = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '.'], { cwd: place, encoding: 'utf8' })
  expect(run.status).toBe(1)
  for (const rule of ['noFloatingPromises', 'noExplicitAny', 'noUnusedImports']) {
    expect(run.stdout + run.stderr, rule).toContain(rule)
  }
})
