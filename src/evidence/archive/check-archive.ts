import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errnoOf } from '../../platform/triptych-error.ts'
import { filesBelow } from './archive-index.ts'
import { hashDigits, provenanceSuffix } from './archive-paths.ts'
import { archiveKinds, provenanceSchema } from './provenance.ts'

/** A file that is not as it was received. */
export interface ArchiveFault {
  /** Below the archive's directory. */
  readonly path: string
  readonly fault: 'altered' | 'missing' | 'unreadable' | 'no_provenance' | 'bad_provenance' | 'stray'
}

/** What a check found. */
export interface ArchiveCheck {
  readonly files: number
  readonly bytes: number
  readonly faults: readonly ArchiveFault[]
}

/** Hashes every file again and holds it against its provenance and its own name. */
export async function checkArchive(root: string, onProgress: (files: number) => void): Promise<ArchiveCheck> {
  const faults: ArchiveFault[] = []
  let files = 0
  let bytes = 0
  for (const path of await pathsToCheck(root)) {
    const found = await checkFile(root, path)
    if (found.fault !== undefined) faults.push({ path, fault: found.fault })
    bytes += found.bytes
    onProgress(++files)
  }
  return { files, bytes, faults }
}

/** Files, and what only a provenance without its file remembers. */
async function pathsToCheck(root: string): Promise<readonly string[]> {
  const all = (await Promise.all(archiveKinds.map((kind) => filesBelow(root, kind)))).flat()
  return [
    ...new Set(all.map((path) => (path.endsWith(provenanceSuffix) ? path.slice(0, -provenanceSuffix.length) : path))),
  ].sort()
}

async function checkFile(root: string, path: string): Promise<{ bytes: number; fault?: ArchiveFault['fault'] }> {
  const provenance = await readProvenance(root, path)
  const actual = await hashOf(join(root, path))
  if (typeof actual === 'string') return { bytes: 0, fault: actual }
  if (typeof provenance === 'string') return { bytes: actual.bytes, fault: provenance }
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (actual.sha256 !== provenance.sha256 || actual.bytes !== provenance.bytes)
    return { bytes: actual.bytes, fault: 'altered' }
  // A provenance rewritten together with its file still has to match the name.
  if (!name.startsWith(`${provenance.sha256.slice(0, hashDigits)}-`)) return { bytes: actual.bytes, fault: 'stray' }
  return { bytes: actual.bytes }
}

async function readProvenance(root: string, path: string) {
  try {
    const parsed = provenanceSchema.safeParse(JSON.parse(await readFile(join(root, path + provenanceSuffix), 'utf8')))
    return parsed.success ? parsed.data : 'bad_provenance'
  } catch (cause) {
    return errnoOf(cause) === 'ENOENT' ? 'no_provenance' : 'bad_provenance'
  }
}

async function hashOf(path: string): Promise<{ sha256: string; bytes: number } | 'missing' | 'unreadable'> {
  const hash = createHash('sha256')
  const stream = createReadStream(path)
  try {
    await pipeline(stream, hash)
    return { sha256: hash.digest('hex'), bytes: stream.bytesRead }
  } catch (cause) {
    return errnoOf(cause) === 'ENOENT' ? 'missing' : 'unreadable'
  }
}
