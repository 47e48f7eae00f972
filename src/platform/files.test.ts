import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureWritableDir } from './files.ts'

test('a directory is made with its parents, for its owner alone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'triptych-files-'))
  const path = join(root, 'a', 'b')
  await ensureWritableDir(path)
  await ensureWritableDir(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  rmSync(root, { recursive: true })
})

test('where nothing can be made the answer is an error, never a loop', async () => {
  for (const path of ['/proc/nowhere/data', '/proc/self/fd/nowhere/data', '/dev/null/data'])
    await expect(ensureWritableDir(path), path).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' })
})
