import { z } from 'zod'
import type { LedgerEntry } from './entry.ts'

/** The source whose numbers are given by the ledger, one per archived file. */
export const archiveSource = 'archive'

/** Entries that share a mark: how many are looked through to find one. */
const entriesPerMark = 1024

/** Where every source stands in the log, and roughly where each record of it is: one mark per source and 1,024 entries. */
export class SourcePositions {
  #size = 0
  readonly #last = new Map<string, number>()
  readonly #marks = new Map<string, Mark[]>()
  /** Commit of an archived file → its number: what is among them is an entry already. */
  readonly #files = new Map<string, number>()

  /** Entries taken in. */
  get size(): number {
    return this.#size
  }

  lastSeq(source: string): number {
    return this.#last.get(source) ?? 0
  }

  sources(): readonly string[] {
    return [...this.#last.keys()]
  }

  /** The number of an archived file; undefined when it is no entry yet. */
  fileSeq(commit: string): number | undefined {
    return this.#files.get(commit)
  }

  /** The next entry of the log. */
  add(entry: LedgerEntry | undefined): void {
    const block = Math.floor(this.#size / entriesPerMark)
    this.#size += 1
    if (entry === undefined) return
    this.#last.set(entry.source, entry.seq)
    if (entry.source === archiveSource) this.#files.set(entry.commit, entry.seq)
    const marks = this.#marks.get(entry.source) ?? []
    if (marks.at(-1)?.[0] === block) marks.pop()
    marks.push([block, entry.seq])
    this.#marks.set(entry.source, marks)
  }

  /** Where to look for a record: the first index of the stretch that would hold it, and how long that is. */
  stretchOf(source: string, seq: number): { readonly first: number; readonly entries: number } | undefined {
    const marks = this.#marks.get(source) ?? []
    let low = 0
    let high = marks.length
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((marks[middle]?.[1] ?? 0) < seq) low = middle + 1
      else high = middle
    }
    const mark = marks[low]
    return mark === undefined ? undefined : { first: mark[0] * entriesPerMark, entries: entriesPerMark }
  }

  /** What a later start needs instead of reading every entry again. */
  snapshot(root: string): PositionsSnapshot {
    return { v: 1, size: this.#size, root, marks: [...this.#marks], files: [...this.#files] }
  }

  static from({ size, marks, files }: PositionsSnapshot): SourcePositions {
    const positions = new SourcePositions()
    positions.#size = size
    for (const [source, known] of marks) {
      positions.#marks.set(source, [...known])
      positions.#last.set(source, known.at(-1)?.[1] ?? 0)
    }
    for (const [commit, seq] of files) positions.#files.set(commit, seq)
    return positions
  }
}

/** A stretch of entries and the source's last number in it. */
type Mark = [block: number, lastSeq: number]

const whole = z.number().int().nonnegative()
/** The snapshot on disk; `root` is the tree's at `size`, so that it is only believed of the tree it was made of. */
export const positionsSnapshot = z.object({
  v: z.literal(1),
  size: whole,
  root: z.string(),
  marks: z.array(z.tuple([z.string(), z.array(z.tuple([whole, whole]))])),
  files: z.array(z.tuple([z.string(), whole])),
})
/** The snapshot on disk. */
export type PositionsSnapshot = z.infer<typeof positionsSnapshot>
