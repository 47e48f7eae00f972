import { open, stat } from 'node:fs/promises'
import { hashLine, type JournalLine, parseJournalLine } from './line.ts'
import { readSegment } from './read-segment.ts'
import { listSegments } from './segment-files.ts'
import type { JournalPosition } from './tail-journal.ts'

/** The beginning of the segment that holds record `seq`, to read on from there; undefined when that is the journal's beginning. */
export async function positionBefore(dir: string, seq: number): Promise<JournalPosition | undefined> {
  const segment = (await listSegments(dir)).findLast(({ firstSeq }) => firstSeq <= Math.max(seq, 1))
  if (segment === undefined || segment.firstSeq <= 1) return undefined
  const { lines } = await readSegment(segment.path, { maxBytes: 1, atBreak: 'skip' })
  const first = lines[0]?.line
  if (first === undefined) return undefined
  return { segment: segment.firstSeq, offset: 0, seq: first.seq - 1, hash: first.prev }
}

const tailBytes = 256 * 1024

/** The number of the last whole record; 0 for a journal that has none. */
export async function lastSeqIn(dir: string): Promise<number> {
  for (const segment of (await listSegments(dir)).toReversed()) {
    const last = await lastLineIn(segment.path)
    if (last !== undefined) return last.line.seq
  }
  return 0
}

/** The last whole record of a segment, looked for in its last 256 KiB. */
export async function lastLineIn(
  path: string,
): Promise<{ readonly line: JournalLine; readonly hash: string } | undefined> {
  const { size } = await stat(path)
  const file = await open(path, 'r')
  try {
    const from = Math.max(0, size - tailBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    // What stands behind the last line feed is a write that goes on.
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n').slice(0, -1)
    for (const text of lines.toReversed()) {
      const line = parseJournalLine(text)
      if (line !== undefined) return { line, hash: hashLine(text) }
    }
    return undefined
  } finally {
    await file.close()
  }
}

/** The text of one record as it is at rest, without its line feed; undefined when the journal does not hold it. */
export async function recordAt(dir: string, seq: number): Promise<string | undefined> {
  const segment = (await listSegments(dir)).findLast(({ firstSeq }) => firstSeq <= seq)
  if (segment === undefined) return undefined
  const file = await open(segment.path, 'r')
  try {
    for await (const line of file.readLines({ encoding: 'utf8' })) if (parseJournalLine(line)?.seq === seq) return line
  } finally {
    await file.close()
  }
  return undefined
}
