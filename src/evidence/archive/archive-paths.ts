import { basename, join } from 'node:path'
import type { ArchiveKind } from './provenance.ts'

/** What is appended to a file's name for its provenance. */
export const provenanceSuffix = '.provenance.json'
/** Digits of the hash that a file's name begins with. */
export const hashDigits = 16

const longestName = 120

/** `<kind>/<yyyy>/<mm>/<dd>/<first 16 of the hash>-<name>`, by the day of receipt, UTC. */
export function archivePath(kind: ArchiveKind, sha256: string, name: string, receivedAt: string): string {
  const [year = '0000', month = '00', day = '00'] = new Date(receivedAt).toISOString().slice(0, 10).split('-')
  return join(kind, year, month, day, `${sha256.slice(0, hashDigits)}-${safeName(name)}`)
}

/** A name that is one path segment and means nothing to a shell or to a pattern of the engine. */
export function safeName(name: string): string {
  const safe = basename(name)
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .slice(-longestName)
  return safe === '' || /^\.+$/.test(safe) ? 'file' : safe
}
