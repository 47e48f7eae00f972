import { createHash } from 'node:crypto'
import { type GzipReading, readGzip } from './read-gzip.ts'

/** How a gzip ended, and the hash of what it holds. */
export interface GzipHash extends GzipReading {
  /** SHA-256, hex; '' where there is a fault. */
  readonly hash: string
}

/** Hashes what a body, a gzip, holds. */
export type HashGzip = (body: AsyncIterable<Uint8Array>) => Promise<GzipHash>

/** The same in this thread. */
export const hashGzip: HashGzip = async (body) => {
  const hash = createHash('sha256')
  const read = await readGzip(body, (part) => void hash.update(part))
  return { ...read, hash: read.fault === undefined ? hash.digest('hex') : '' }
}
