import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '../clock.ts'
import { syncDir } from '../files.ts'
import { errnoOf, TriptychError } from '../triptych-error.ts'
import { hashLine, type JsonObject } from './line.ts'
import { type JournalTail, openTail } from './open-tail.ts'
import { segmentPath } from './segment-files.ts'

/** What a journal needs from outside. */
export interface JournalOptions {
  /** Directory of this journal alone; one process writes it. */
  readonly dir: string
  /** Name of the writer, the same for ever: `gateway-…`, `hub-…`. */
  readonly source: string
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  /** A segment is closed at this size; default 8 MiB. */
  readonly segmentBytes?: number
  /** And with the first record that comes when its first is this old, ms; default never. */
  readonly segmentMs?: number
  /** The first record begins a new segment; default false. */
  readonly newSegment?: boolean
  /** Told of each record once it is durable, in order, before anything else can be written: what `carry` says must be true then. */
  readonly appended?: (type: string, body: JsonObject, receipt: Receipt) => void
  /** What the first record of a new segment says, so that a reader of the last segment alone knows what is open. */
  readonly carry?: () => JsonObject
}

/** Where a record came to stand. */
export interface Receipt {
  readonly seq: number
  readonly at: string
}

/** A durable, chained, append-only journal of opaque records. */
export interface Journal {
  readonly source: string
  /** What was found when it was opened. */
  readonly tail: JournalTail
  /**
   * Resolves when the record is on disk; rejects with JOURNAL_UNWRITABLE, and then it is not there. What nothing waits for
   * may be written `soon`: with the next record that something waits for, at the latest after 5 ms.
   */
  append(type: string, body: JsonObject, when?: 'now' | 'soon'): Promise<Receipt>
  /** False since a write failed, until one succeeds again. */
  writable(): boolean
  /** Writes what waits and closes the file. */
  close(): Promise<void>
}

const soonMs = 5

/** Each write returns when it is on disk, as if fdatasync followed it (open(2), O_DSYNC): one way through the thread pool, not two. */
const { O_DSYNC: durable, O_WRONLY, O_CREAT, O_TRUNC } = constants

interface Waiting {
  readonly type: string
  readonly body: JsonObject
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: TriptychError) => void
}

/** Opens the journal at its end. All appends that wait while a write runs go into the next one: group commit. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const tail = await openTail(options.dir)
  return new SegmentedJournal(options, tail)
}

class SegmentedJournal implements Journal {
  readonly tail: JournalTail
  readonly #options: JournalOptions
  readonly #segmentBytes: number
  readonly #segmentMs: number
  /** When the open segment began, ms. */
  #openedAt: number
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #soon: ReturnType<typeof setTimeout> | undefined
  /** Something waits that somebody waits for. */
  #isDue = false
  #file: FileHandle | undefined
  #size: number
  #seq: number
  #hash: string
  #failed = false
  #mustCutOff = false
  #closed = false

  constructor(options: JournalOptions, tail: JournalTail) {
    this.#options = options
    this.#segmentBytes = options.segmentBytes ?? 8 * 1024 * 1024
    this.#segmentMs = options.segmentMs ?? Number.POSITIVE_INFINITY
    this.#openedAt = options.newSegment ? Number.NEGATIVE_INFINITY : Date.parse(tail.lines[0]?.line.at ?? '')
    this.tail = tail
    this.#size = tail.endOffset
    this.#seq = tail.lastSeq
    this.#hash = tail.lastHash
  }

  get source(): string {
    return this.#options.source
  }

  append(type: string, body: JsonObject, when: 'now' | 'soon' = 'now'): Promise<Receipt> {
    if (this.#closed) return Promise.reject(new TriptychError('JOURNAL_UNWRITABLE', { reason: 'closed' }))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ type, body, resolve, reject })
      if (when === 'now') this.#begin()
      else this.#soon ??= setTimeout(() => this.#begin(), soonMs)
    })
  }

  writable(): boolean {
    return !this.#failed && !this.#closed
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#waiting.length > 0) this.#begin()
    while (this.#running !== undefined) await this.#running
    await this.#file?.close()
    this.#file = undefined
  }

  #begin(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#isDue = true
    this.#running ??= this.#drain()
  }

  async #drain(): Promise<void> {
    // The rest of this turn's appends join the first group.
    await Promise.resolve()
    while (this.#isDue) {
      this.#isDue = false
      const group = this.#waiting
      this.#waiting = []
      await this.#commit(group)
    }
    this.#running = undefined
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    let good = { seq: this.#seq, hash: this.#hash }
    try {
      if (this.#file !== undefined) await this.#cutOffFailedWrite(this.#file)
      const file = await this.#fileForAppend()
      // Behind a rotation: its header is durable and stays.
      good = { seq: this.#seq, hash: this.#hash }
      const start = this.#size
      const { bytes, receipts } = this.#frame(group)
      await writeAll(file, bytes, start)
      this.#size = start + bytes.length
      this.#failed = false
      group.forEach((waiting, i) => {
        const receipt = receipts[i]
        if (receipt === undefined) return
        this.#options.appended?.(waiting.type, waiting.body, receipt)
        waiting.resolve(receipt)
      })
    } catch (cause) {
      this.#seq = good.seq
      this.#hash = good.hash
      await this.#fail(group, cause)
    }
  }

  #frame(group: readonly Waiting[]): { bytes: Buffer; receipts: readonly Receipt[] } {
    const receipts: Receipt[] = []
    let text = ''
    for (const { type, body } of group) {
      const at = new Date(this.#options.clock.now()).toISOString()
      text += this.#line(type, at, body)
      receipts.push({ seq: this.#seq, at })
    }
    return { bytes: Buffer.from(text, 'utf8'), receipts }
  }

  #line(type: string, at: string, body: JsonObject): string {
    this.#seq += 1
    const rand = Buffer.from(this.#options.random(16)).toString('hex')
    const line = JSON.stringify({ v: 1, source: this.source, seq: this.#seq, at, rand, type, prev: this.#hash, body })
    this.#hash = hashLine(line)
    return `${line}\n`
  }

  async #fileForAppend(): Promise<FileHandle> {
    if (this.#isSegmentOver()) return this.#startSegment()
    if (this.#file !== undefined) return this.#file
    if (this.tail.segment === undefined || this.#size === 0) return this.#startSegment()
    this.#file = await open(this.tail.segment.path, O_WRONLY | durable)
    return this.#file
  }

  #isSegmentOver(): boolean {
    return this.#size >= this.#segmentBytes || this.#options.clock.now() - this.#openedAt >= this.#segmentMs
  }

  async #startSegment(): Promise<FileHandle> {
    const carry = this.#options.carry?.() ?? {}
    const path = segmentPath(this.#options.dir, this.#seq + 1)
    const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | durable, 0o600)
    const before = { seq: this.#seq, hash: this.#hash }
    const openedAt = this.#options.clock.now()
    try {
      const header = Buffer.from(this.#line('segment.opened', new Date(openedAt).toISOString(), carry))
      await writeAll(file, header, 0)
      await syncDir(this.#options.dir)
      await this.#file?.close()
      this.#file = file
      this.#size = header.length
      this.#openedAt = openedAt
      return file
    } catch (cause) {
      this.#seq = before.seq
      this.#hash = before.hash
      await file.close()
      throw cause
    }
  }

  /** What a failed write left behind must not stand before the next good record: nothing is written until it is gone. */
  async #cutOffFailedWrite(file: FileHandle): Promise<void> {
    if (!this.#mustCutOff) return
    await file.truncate(this.#size)
    this.#mustCutOff = false
  }

  async #fail(group: readonly Waiting[], cause: unknown): Promise<void> {
    this.#failed = true
    this.#mustCutOff = true
    if (this.#file !== undefined) await this.#cutOffFailedWrite(this.#file).catch(() => undefined)
    const error = new TriptychError(
      'JOURNAL_UNWRITABLE',
      { source: this.source, reason: errnoOf(cause) ?? 'unknown' },
      cause,
    )
    for (const waiting of group) waiting.reject(error)
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw new TriptychError('JOURNAL_UNWRITABLE', { reason: 'short write' })
    done += bytesWritten
  }
}
