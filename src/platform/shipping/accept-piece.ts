import { type FileHandle, open } from 'node:fs/promises'
import { syncDir } from '../files.ts'
import { firstPrev } from '../journal/line.ts'
import { openTail } from '../journal/open-tail.ts'
import { segmentPath } from '../journal/segment-files.ts'
import type { Piece } from './envelope.ts'
import { type PieceRecord, recordsOf, segmentOpened } from './piece-records.ts'

/** What became of a piece: `known` is there already, `gap` begins behind what is there, the others were refused by their reason. */
export type Acceptance = 'accepted' | 'known' | 'gap' | 'records' | 'chain' | 'segment'

/** A journal that is rebuilt from pieces; whoever has one open is its only writer. */
export interface ShippedJournal {
  readonly lastSeq: number
  /** Takes what continues the journal, durable when it resolves; never overwrites. Write errors pass, and then it must be opened anew. */
  accept(piece: Piece): Promise<Acceptance>
}

/**
 * Opens such a journal at its end. Throws JOURNAL_BROKEN.
 * @param begin `first`: it begins with record 1; `anywhere`: an empty one may begin with any segment
 */
export async function openShippedJournal(dir: string, begin: 'first' | 'anywhere' = 'first'): Promise<ShippedJournal> {
  const tail = await openTail(dir)
  let { lastSeq, lastHash, endOffset } = tail
  let path = tail.segment?.path
  const write = async (bytes: Buffer, opens: number | undefined) => {
    if (opens !== undefined) {
      path = segmentPath(dir, opens)
      endOffset = 0
      await writeDurably(await open(path, 'wx', 0o600), bytes, 0)
      await syncDir(dir)
    } else if (path !== undefined) await writeDurably(await open(path, 'r+'), bytes, endOffset)
    endOffset += bytes.length
  }
  return {
    get lastSeq() {
      return lastSeq
    },
    async accept(piece) {
      const records = recordsOf(piece)
      if (records === undefined) return 'records'
      if (piece.first > lastSeq + 1 && !(lastSeq === 0 && begin === 'anywhere')) return 'gap'
      if (!follows(records, lastSeq, lastHash, begin)) return 'chain'
      const fresh = records.find(({ line }) => line.seq > lastSeq)
      const last = records.at(-1)
      if (fresh === undefined || last === undefined) return 'known'
      const opens = fresh.line.type === segmentOpened ? fresh.line.seq : undefined
      if (opens === undefined && path === undefined) return 'segment'
      await write(piece.body.subarray(fresh.start), opens)
      lastSeq = last.line.seq
      lastHash = last.hash
      return 'accepted'
    },
  }
}

/** Whether the records go on from the last one, or hold it themselves, the same. What ends before it is not looked at. */
function follows(
  records: readonly PieceRecord[],
  lastSeq: number,
  lastHash: string,
  begin: 'first' | 'anywhere',
): boolean {
  const first = records[0]
  if (first === undefined) return false
  if (first.line.seq > lastSeq)
    return first.line.prev === lastHash || (lastSeq === 0 && begin === 'anywhere' && lastHash === firstPrev)
  const same = records.find(({ line }) => line.seq === lastSeq)
  return same === undefined || same.hash === lastHash
}

async function writeDurably(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  try {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
    await file.datasync()
  } finally {
    await file.close()
  }
}
