import { createReadStream } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { errnoOf, TriptychError } from '../triptych-error.ts'
import { metadataBeside } from './metadata-beside.ts'
import type { DescribedSource, SourceObject } from './object-source.ts'

/** A local directory, or a single file. Links are not followed out of it. */
export function directorySource(path: string): DescribedSource {
  const root = resolve(path)
  const open = async (key: string) => {
    const file = resolve(root, key)
    if (file !== root && !file.startsWith(root + sep))
      throw new TriptychError('SOURCE_FAILED', { reason: 'outside the directory' })
    await access(file).catch((cause: unknown) => {
      throw new TriptychError('SOURCE_FAILED', { reason: errnoOf(cause) ?? 'unknown' }, cause)
    })
    return createReadStream(file)
  }
  return {
    origin: root,
    list: (after, prefix = '') => walk(root, root, { after, prefix }),
    open,
    async openDescribed(key) {
      const body = await open(key)
      return { body, ...(await metadataBeside(resolve(root, key))) }
    },
  }
}

/** What is wanted of a directory. */
interface Wanted {
  readonly after: string | undefined
  readonly prefix: string
}

async function* walk(root: string, path: string, wanted: Wanted): AsyncGenerator<SourceObject> {
  const refuse = (cause: unknown): never => {
    throw new TriptychError('SOURCE_FAILED', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  }
  const found = await stat(path).catch(refuse)
  if (found.isFile()) {
    const key = relative(root, path)
    if (isAfter(key, wanted.after) && key.startsWith(wanted.prefix))
      yield { key, bytes: found.size, version: `${found.size}-${Math.round(found.mtimeMs)}` }
    return
  }
  const entries = await readdir(path, { withFileTypes: true }).catch(refuse)
  // In the order of keys a folder stands where its name with a slash does.
  const named = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ at: join(path, entry.name), name: entry.isDirectory() ? `${entry.name}/` : entry.name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { at, name } of named)
    if (!name.endsWith('/') || mayHold(`${relative(root, at)}/`, wanted)) yield* walk(root, at, wanted)
}

/** Whether a folder can hold a key that is wanted. */
function mayHold(folder: string, { after, prefix }: Wanted): boolean {
  const inside = folder.startsWith(prefix) || prefix.startsWith(folder)
  return inside && (isAfter(folder, after) || after?.startsWith(folder) === true)
}

function isAfter(key: string, after: string | undefined): boolean {
  return after === undefined || key > after
}
