import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseJournalLine } from '../../platform/journal/line.ts'
import { listSegments, type SegmentFile } from '../../platform/journal/segment-files.ts'

/** A line as it is at rest, whatever it holds. */
export interface RawLine {
  /** SHA-256 of its bytes, hexadecimal. */
  readonly hash: string
  /** Undefined when it is no record. */
  readonly seq: number | undefined
  readonly bytes: Buffer
  /** Below the data directory. */
  readonly file: string
  /** In its file, from 1. */
  readonly number: number
}

const usualHead = /^\{"v":1,"source":"[a-z0-9-]{1,64}","seq":([1-9]\d{0,15}),/
const headBytes = 120

/** Goes through a journal line by line, trusting nothing of it. Bytes behind the last line feed of the last segment are a write that goes on. */
export class JournalCursor {
  readonly #source: string
  readonly #segments: readonly SegmentFile[]
  #next = 0
  #lines: RawLine[] = []
  #at = 0

  private constructor(source: string, segments: readonly SegmentFile[]) {
    this.#source = source
    this.#segments = segments
  }

  static async open(dir: string, source: string): Promise<JournalCursor> {
    return new JournalCursor(source, await listSegments(dir))
  }

  /** The line that stands next; undefined at the end. */
  async peek(): Promise<RawLine | undefined> {
    while (this.#at >= this.#lines.length) if (!(await this.#readSegment())) return undefined
    return this.#lines[this.#at]
  }

  advance(): void {
    this.#at += 1
  }

  /** How many lines ahead a line with this hash stands in what is read so far, or in one more segment. */
  async findAhead(commit: string): Promise<number | undefined> {
    const find = () => this.#lines.findIndex((line, i) => i >= this.#at && line.hash === commit)
    let found = find()
    if (found === -1 && (await this.#readSegment())) found = find()
    return found === -1 ? undefined : found - this.#at
  }

  /** Takes a line out that stands ahead. */
  take(ahead: number): void {
    this.#lines.splice(this.#at + ahead, 1)
  }

  /** The file that a record stands in, or would. */
  fileOf(seq: number): string {
    const segment = this.#segments.findLast(({ firstSeq }) => firstSeq <= seq)
    return segment === undefined ? `journal/${this.#source}` : this.#nameOf(segment)
  }

  async #readSegment(): Promise<boolean> {
    const segment = this.#segments[this.#next]
    if (segment === undefined) return false
    this.#next += 1
    const bytes = await readFile(segment.path)
    const file = this.#nameOf(segment)
    this.#lines = this.#lines.slice(this.#at)
    this.#at = 0
    let from = 0
    for (let number = 1; from < bytes.length; number++) {
      const feed = bytes.indexOf(10, from)
      if (feed === -1 && this.#next === this.#segments.length) break
      const end = feed === -1 ? bytes.length : feed
      const line = bytes.subarray(from, end)
      this.#lines.push({ hash: hash('sha256', line), seq: seqOf(line), bytes: line, file, number })
      from = end + 1
    }
    return true
  }

  #nameOf(segment: SegmentFile): string {
    return `journal/${this.#source}/${basename(segment.path)}`
  }
}

/** The number of a record; its hash says whether the rest is as it was. */
function seqOf(line: Buffer): number | undefined {
  const head = usualHead.exec(line.toString('latin1', 0, headBytes))?.[1]
  return head === undefined ? parseJournalLine(line.toString('utf8'))?.seq : Number(head)
}
