import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type KeysByRegion, type PublicKey, parseArchivedKeys } from '../../capture/access/digests/public-keys.ts'
import { readNamedFile } from '../../platform/files.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'

/** Archived public keys: a file, or a directory of such files (`us-east-1.json`). Throws DIGEST_KEYS_INVALID, FILE_UNREADABLE. */
export async function readArchivedKeys(path: string): Promise<KeysByRegion> {
  const merged = new Map<string, PublicKey[]>()
  for (const file of await keyFiles(path)) {
    const parsed = parseArchivedKeys((await readNamedFile(file)).toString('utf8'), basename(file))
    if (!('keys' in parsed)) throw new TriptychError('DIGEST_KEYS_INVALID', { file, field: parsed.field })
    for (const [region, keys] of parsed.keys) merged.set(region, [...(merged.get(region) ?? []), ...keys])
  }
  return merged
}

async function keyFiles(path: string): Promise<readonly string[]> {
  const unreadable = (cause: unknown): never => {
    throw new TriptychError('FILE_UNREADABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  }
  const found = await stat(path).catch(unreadable)
  if (!found.isDirectory()) return [path]
  const names = (await readdir(path).catch(unreadable)).filter((name) => name.endsWith('.json')).sort()
  if (names.length === 0) throw new TriptychError('DIGEST_KEYS_INVALID', { file: path, field: 'no .json in it' })
  return names.map((name) => join(path, name))
}
