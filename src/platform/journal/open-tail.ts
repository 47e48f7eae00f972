import { mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { ensureWritableDir } from '../files.ts'
import { firstPrev } from './line.ts'
import { type PlacedLine, readSegment } from './read-segment.ts'
import { listSegments, type SegmentFile } from './segment-files.ts'

/** Where a journal ends: the state from which it goes on. */
export interface JournalTail {
  readonly segment: SegmentFile | undefined
  readonly endOffset: number
  readonly lastSeq: number
  readonly lastHash: string
  /** The records of the last segment, for its owner to find what was left open. */
  readonly lines: readonly PlacedLine[]
  /** Bytes of a write that a crash cut off; they are kept aside in `<segment>.torn`. */
  readonly torn: number
}

const empty: JournalTail = { segment: undefined, endOffset: 0, lastSeq: 0, lastHash: firstPrev, lines: [], torn: 0 }

/** Finds the end of the journal, checks the last segment's chain and cuts off a torn write. */
export async function openTail(dir: string): Promise<JournalTail> {
  await ensureWritableDir(dir)
  const segments = await listSegments(dir)
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i]
    if (segment === undefined) continue
    const read = await readSegment(segment.path)
    if (read.torn > 0) await setTornBytesAside(segment, read.endOffset)
    const last = read.lines.at(-1)
    if (last !== undefined) {
      return {
        segment,
        endOffset: read.endOffset,
        lastSeq: last.line.seq,
        lastHash: last.hash,
        lines: read.lines,
        torn: read.torn,
      }
    }
    await rename(segment.path, `${segment.path}.empty`)
  }
  return empty
}

async function setTornBytesAside(segment: SegmentFile, endOffset: number): Promise<void> {
  const bytes = await readFile(segment.path)
  await mkdir(`${segment.path}.torn`, { recursive: true, mode: 0o700 })
  await writeFile(`${segment.path}.torn/${endOffset}`, bytes.subarray(endOffset), { mode: 0o600 })
  await truncate(segment.path, endOffset)
}
