import { createReadStream } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { errnoOf, TriptychError } from '../triptych-error.ts'
import type { ObjectSource, SourceObject } from './object-source.ts'

/** A local directory, or a single file. Links are not followed out of it. */
export function directorySource(path: string): ObjectSource {
  const root = resolve(path)
  return {
    origin: root,
    list: (after) => walk(root, root, after),
    async open(key) {
      const file = resolve(root, key)
      if (file !== root && !file.startsWith(root + sep))
        throw new TriptychError('SOURCE_FAILED', { reason: 'outside the directory' })
      await access(file).catch((cause: unknown) => {
        throw new TriptychError('SOURCE_FAILED', { reason: errnoOf(cause) ?? 'unknown' }, cause)
      })
      return createReadStream(file)
    },
  }
}

async function* walk(root: string, path: string, after: string | undefined): AsyncGenerator<SourceObject> {
  const refuse = (cause: unknown): never => {
    throw new TriptychError('SOURCE_FAILED', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  }
  const found = await stat(path).catch(refuse)
  if (found.isFile()) {
    const key = relative(root, path)
    if (after === undefined || key > after)
      yield { key, bytes: found.size, version: `${found.size}-${Math.round(found.mtimeMs)}` }
    return
  }
  const entries = await readdir(path, { withFileTypes: true }).catch(refuse)
  const names = entries.filter((entry) => entry.isFile() || entry.isDirectory())
  for (const entry of names.sort((a, b) => (a.name < b.name ? -1 : 1))) yield* walk(root, join(path, entry.name), after)
}
