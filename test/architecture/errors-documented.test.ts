import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorTable, retiredCodes } from '../../src/platform/error-table.ts'
import { filesBelow, root } from './source-tree.ts'

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const documented = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map((found) => found[1])
const codes = Object.keys(errorTable)

test('every error code has a heading in docs/errors.md, and every heading is a code', () => {
  expect([...documented].sort()).toEqual([...codes].sort())
})

test('the page says for each code what it says and what to do', () => {
  for (const [code, row] of Object.entries(errorTable)) {
    const section = page.split(`## ${code}\n`)[1]?.split('\n## ')[0] ?? ''
    expect(section, code).toContain(row.says)
    expect(section, code).toContain(row.fix)
  }
})

test('every code is thrown somewhere, or kept as retired', () => {
  const text = filesBelow(join(root, 'src'))
    .filter((file) => !['platform/error-table.ts', 'platform/gateway-errors.ts'].includes(file))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
    .join('\n')
  expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([])
})

test('a retired code is never given again', () => {
  expect(retiredCodes.filter((code) => codes.includes(code))).toEqual([])
})
