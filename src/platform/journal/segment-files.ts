import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../triptych-error.ts'

/** A segment on disk: `<first seq, 12 digits>.jsonl`. */
export interface SegmentFile {
  readonly path: string
  readonly firstSeq: number
}

const name = /^(\d{12})\.jsonl$/

/** The path of the segment that starts at `firstSeq`. */
export function segmentPath(dir: string, firstSeq: number): string {
  return join(dir, `${String(firstSeq).padStart(12, '0')}.jsonl`)
}

/** All segments of one journal in order; none when the directory does not exist yet. */
export async function listSegments(dir: string): Promise<readonly SegmentFile[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return []
    throw cause
  })
  return names
    .flatMap((file) => {
      const firstSeq = name.exec(file)?.[1]
      return firstSeq === undefined ? [] : [{ path: join(dir, file), firstSeq: Number(firstSeq) }]
    })
    .sort((a, b) => a.firstSeq - b.firstSeq)
}
