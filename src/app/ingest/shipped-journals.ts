import { ensureWritableDir } from '../../platform/files.ts'
import { lastSeqIn } from '../../platform/journal/seek-journal.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import { openShippedJournal, type ShippedJournal } from '../../platform/shipping/accept-piece.ts'
import { bookOf, pieceHolding, type ShippedSource } from '../../platform/shipping/read-piece.ts'
import { takeBook } from '../../platform/shipping/ship-book.ts'
import type { ShipPlace } from '../../platform/shipping/ship-place.ts'
import { asTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import { claimDirectory } from '../../platform/unix-socket.ts'
import { isGatewaySource } from '../../record/gateway-call.ts'
import type { DataDir } from '../data-dir.ts'
import type { Collector } from './collector.ts'

/** What rebuilding journals needs. */
export interface ShippedJournalsParts {
  readonly dirs: DataDir
  readonly keys: SecretKeys
  readonly logger: Logger
}

/** So many pieces of one source at a turn: the join must get its turn as well. */
const mostPieces = 5_000

/**
 * Rebuilds the journals of gateways on other machines, `journal/<source>/`, from the pieces they put into a place. What does not continue
 * a journal is refused, counted once, said and shown; nothing is overwritten, and the others go on.
 */
export function createShippedJournals(parts: ShippedJournalsParts, place: ShipPlace): Collector {
  const refused = new Set<string>()
  const state = { files: 0, failed: 0, lastError: '' }
  const say = (source: string, cause: unknown) => {
    const { code, facts } = asTriptychError(cause, 'JOURNAL_UNSHIPPED')
    state.lastError = code
    const what = `${source} ${code} ${facts['first'] ?? ''} ${facts['reason'] ?? ''}`
    if (refused.has(what)) return
    refused.add(what)
    state.failed += 1
    const named = { source, code, first: facts['first'] ?? 0, reason: facts['reason'] ?? 'unknown' }
    parts.logger.error('hub.journal.piece-refused', named)
  }
  const takeOne = async (source: string): Promise<number> => {
    const shipped = shippedAt(parts, place, source)
    const books = await takeBook(bookOf(shipped)).catch((cause: unknown) => {
      say(source, cause)
      return 0
    })
    // Only a journal that gains something is claimed: one whose gateway runs here is further than the place.
    if ((await pieceHolding(shipped, (await lastSeqIn(shipped.dir)) + 1)) === undefined) return books
    await ensureWritableDir(shipped.dir)
    const claimed = await claimDirectory(shipped.dir)
    try {
      return books + (await takeRecords(shipped, await openShippedJournal(shipped.dir)))
    } finally {
      await claimed.release()
    }
  }
  return {
    async collect() {
      state.lastError = ''
      let files = 0
      const sources = await place.sources().catch((cause: unknown) => {
        state.lastError = asTriptychError(cause, 'JOURNAL_UNSHIPPED').code
        throw cause
      })
      for (const source of sources.filter(isGatewaySource)) {
        try {
          files += await takeOne(source)
        } catch (cause) {
          say(source, cause)
        }
      }
      state.files += files
      return { files, whole: state.lastError === '', from: Number.NEGATIVE_INFINITY }
    },
    state: () => ({ ...state, failing: 0, skipped: 0, backTo: null }),
  }
}

function shippedAt({ dirs, keys }: ShippedJournalsParts, place: ShipPlace, source: string): ShippedSource {
  return { place, source, dir: dirs.journalOf(source), book: dirs.aliasBookOf(source), key: keys('journal-ship') }
}

async function takeRecords(shipped: ShippedSource, journal: ShippedJournal): Promise<number> {
  for (let taken = 0; taken < mostPieces; taken++) {
    const piece = await pieceHolding(shipped, journal.lastSeq + 1)
    if (piece === undefined) return taken
    const reason = await journal.accept(piece)
    if (reason !== 'accepted')
      throw new TriptychError('JOURNAL_PIECE_REFUSED', { source: shipped.source, first: piece.first, reason })
  }
  return mostPieces
}
