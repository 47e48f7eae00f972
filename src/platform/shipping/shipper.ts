import type { Clock } from '../clock.ts'
import type { SecondPlace } from '../journal/guarded-journal.ts'
import type { Logger } from '../logger.ts'
import { asTriptychError, isTriptychError, TriptychError } from '../triptych-error.ts'
import { sealPiece } from './envelope.ts'
import { locate, positionOf, type ShippedTo } from './locate.ts'
import { type CutPiece, cutPiece } from './piece-records.ts'
import { bookOf, readPiece, recordFolder, type ShippedSource } from './read-piece.ts'
import { shipBook } from './ship-book.ts'
import { pieceName } from './ship-place.ts'

/** What shipping needs. */
export interface ShipperOptions {
  readonly shipped: ShippedSource
  /** How far the place is; undefined: not known yet, it could not be asked. */
  readonly start: ShippedTo | undefined
  /** The journal's last record, durable. */
  readonly lastSeq: number
  /** What has grown is put there this often, ms. */
  readonly everyMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** Puts a journal and its alias book into a second place, in order, one piece at a time. */
export interface Shipper extends SecondPlace {
  /** Told of each record that is durable here. */
  noted(seq: number, at: string): void
  /** Age of the oldest record that is not there yet, s; 0 when all are. */
  lagSeconds(): number
  /** Puts what is left, for at most 5 s, and stops. */
  close(): Promise<void>
}

/** Small enough that reading one back does not hold calls up. */
const pieceBytes = 256 * 1024
const retryMs = 1_000
const patienceMs = 10_000
const closeMs = 5_000
const warnFromS = 60

interface Waiter {
  readonly seq: number
  readonly resolve: () => void
  readonly reject: (error: TriptychError) => void
}

/**
 * Begins to ship. One piece is on its way at a time and its name is taken only once, so the end of the place is a lock: of two gateways
 * that hold themselves for the same one, the first to write goes on and the other is told JOURNAL_FORKED, for good.
 */
export function startShipping(options: ShipperOptions): Shipper {
  return new PieceShipper(options)
}

class PieceShipper implements Shipper {
  readonly #options: ShipperOptions
  #to: ShippedTo | undefined
  #durable: number
  #oldestAt: number | undefined
  #waiters: Waiter[] = []
  #running: Promise<void> | undefined
  #again = false
  #failing: boolean
  #forked = false
  #retry: NodeJS.Timeout | undefined
  readonly #tick: NodeJS.Timeout

  constructor(options: ShipperOptions) {
    this.#options = options
    this.#to = options.start
    this.#durable = options.lastSeq
    this.#failing = options.start === undefined
    if (this.#shippedSeq() < options.lastSeq) this.#oldestAt = options.clock.now()
    this.#tick = setInterval(() => this.#onTick(), options.everyMs)
    this.#tick.unref()
    this.#wake()
  }

  ready(): boolean {
    return !this.#failing && !this.#forked
  }

  noted(seq: number, at: string): void {
    this.#durable = seq
    this.#oldestAt ??= Date.parse(at)
  }

  lagSeconds(): number {
    return this.#oldestAt === undefined ? 0 : Math.max(0, this.#options.clock.now() - this.#oldestAt) / 1000
  }

  until(seq: number): Promise<void> {
    if (!this.ready()) return Promise.reject(this.#refusal())
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(this.#refusal()), patienceMs)
      this.#waiters.push({
        seq,
        resolve: () => {
          clearTimeout(patience)
          resolve()
        },
        reject: (error) => {
          clearTimeout(patience)
          reject(error)
        },
      })
      this.#wake()
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#tick)
    this.#wake()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.#running, new Promise((resolve) => (timer = setTimeout(resolve, closeMs)))])
    clearTimeout(timer)
    clearTimeout(this.#retry)
    this.#forked = true
  }

  #onTick(): void {
    const lag = this.lagSeconds()
    if (lag > warnFromS) this.#options.logger.warn('gateway.ship.behind', { seconds: Math.round(lag) })
    this.#wake()
  }

  #wake(): void {
    this.#again = true
    if (this.#forked) return
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
  }

  async #run(): Promise<void> {
    clearTimeout(this.#retry)
    try {
      while (this.#again && !this.#forked) {
        this.#again = false
        this.#to ??= await locate(this.#options.shipped)
        while (!this.#forked && (await this.#shipOne())) this.#settle()
        this.#recovered()
      }
    } catch (cause) {
      this.#failed(cause)
    }
  }

  /** The book first: of whom a record speaks is known wherever the record is. False when nothing is left. */
  async #shipOne(): Promise<boolean> {
    const { shipped } = this.#options
    const to = this.#to ?? { position: undefined, book: 0 }
    const book = await shipBook(bookOf(shipped), to.book)
    this.#to = { ...to, book }
    const cut = await cutPiece(shipped.dir, shipped.source, to.position, this.#durable, pieceBytes)
    if (cut === undefined) return false
    this.#oldestAt = Date.parse(cut.firstAt)
    if (cut.piece.first !== this.#shippedSeq() + 1 && to.position !== undefined)
      throw new TriptychError('JOURNAL_FORKED', { source: shipped.source, seq: cut.piece.first, reason: 'hole' })
    this.#to = { book, position: await this.#put(cut) }
    if (this.#shippedSeq() >= this.#durable) this.#oldestAt = undefined
    return true
  }

  /** What stands there already may be a put of ours whose answer was lost: then it is as good as this one. */
  async #put({ piece, position }: CutPiece) {
    const { shipped } = this.#options
    const bytes = sealPiece(shipped.key, piece)
    if (await shipped.place.create(recordFolder(shipped.source), pieceName(piece.first), bytes)) return position
    return positionOf(shipped, await readPiece(shipped, piece.first))
  }

  #shippedSeq(): number {
    return this.#to?.position?.seq ?? 0
  }

  #settle(): void {
    const seq = this.#shippedSeq()
    const waiting = this.#waiters
    this.#waiters = waiting.filter((waiter) => waiter.seq > seq)
    for (const waiter of waiting) if (waiter.seq <= seq) waiter.resolve()
  }

  #recovered(): void {
    this.#settle()
    if (this.#failing) this.#options.logger.info('gateway.ship.resumed', { seq: this.#shippedSeq() })
    this.#failing = false
  }

  #failed(cause: unknown): void {
    const { code, facts } = asTriptychError(cause, 'JOURNAL_UNSHIPPED')
    const forked = isTriptychError(cause, 'JOURNAL_FORKED')
    if (!this.#failing || forked)
      this.#options.logger.error('gateway.ship.failed', { code, reason: facts['reason'] ?? 'unknown' })
    this.#failing = true
    this.#forked = forked
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#refusal(cause))
    if (forked) return
    this.#retry = setTimeout(() => this.#wake(), Math.min(retryMs, this.#options.everyMs))
    this.#retry.unref()
  }

  #refusal(cause?: unknown): TriptychError {
    return new TriptychError('JOURNAL_UNWRITABLE', { source: this.#options.shipped.source, reason: 'replica' }, cause)
  }
}
