import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from '../../src/app/version.ts'
import { root } from './source-tree.ts'

/** Rows of the table: | n | step | `file` | `export` | */
const rows = [
  ...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(
    /^\|\s*\d+\s*\|[^|]*\|\s*`([^`]+)`\s*\|\s*`([^`]+)`\s*\|$/gm,
  ),
].map((found) => ({ file: found[1] ?? '', name: found[2] ?? '' }))

test('the way of one call has its steps, and each file and export exists', () => {
  expect(rows.length).toBeGreaterThanOrEqual(12)
  for (const { file, name } of rows) {
    expect(existsSync(join(root, 'src', file)), file).toBe(true)
    expect(readFileSync(join(root, 'src', file), 'utf8'), `${file}: ${name}`).toMatch(
      new RegExp(`^export (async )?(function\\*?|const|class|interface) ${name}\\b`, 'm'),
    )
  }
})

test('the program names the version of its package', () => {
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({ version })
})

test('the README stays within 150 lines and every local link leads somewhere', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  expect(text.split('\n').length).toBeLessThanOrEqual(150)
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((found) => found[1] ?? '')
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([])
})
