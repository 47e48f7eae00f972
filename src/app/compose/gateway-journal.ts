import { randomBytes } from 'node:crypto'
import { OpenCalls } from '../../capture/gateway/call-journal.ts'
import type { AwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import { watchReserve } from '../../platform/journal/disk-reserve.ts'
import { guardJournal } from '../../platform/journal/guarded-journal.ts'
import { type Journal, openJournal } from '../../platform/journal/journal.ts'
import { lastSeqIn } from '../../platform/journal/seek-journal.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import { bringBack } from '../../platform/shipping/bring-back.ts'
import { locate, type ShippedTo } from '../../platform/shipping/locate.ts'
import type { ShippedSource } from '../../platform/shipping/read-piece.ts'
import { type Shipper, startShipping } from '../../platform/shipping/shipper.ts'
import { isTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt } from '../data-dir.ts'
import { shipPlaceAt } from './ship-place-at.ts'

/** What the journal of a gateway is opened with. */
export interface GatewayJournalParts {
  readonly config: Config
  readonly keys: SecretKeys
  readonly aws: Pick<AwsClients, 's3'>
  readonly clock: Clock
  readonly logger: Logger
}

/** A gateway's journal with its reserve and its second place. */
export interface GatewayJournal {
  readonly journal: Journal
  readonly open: OpenCalls
  shippingLagSeconds(): number
  close(): Promise<void>
}

/** What calls need. Refusals may use half of the reserve: the other half is for the outcomes of what runs. */
const needsRoom = new Map([
  ['call.intent', 1],
  ['call.refused', 0.5],
])
const needsSecond = new Set(['call.intent'])

/**
 * Opens it; its directory must be this process's own. With `gateway.ship` it goes on where the second place ends, also on a new
 * machine. Throws JOURNAL_BROKEN, JOURNAL_FORKED, JOURNAL_PIECE_REFUSED, JOURNAL_UNSHIPPED.
 */
export async function openGatewayJournal(parts: GatewayJournalParts): Promise<GatewayJournal> {
  const { config, clock } = parts
  const source = gatewaySource(config.gateway.id)
  const dir = dataDirAt(config.dataDir).journalOf(source)
  const { segmentBytes, segmentEvery, reserveBytes, replicate } = config.gateway.journal
  const shipped = shippedSource(parts, source, dir)
  const found = shipped === undefined ? nothing : await startOf(shipped, replicate === 'ship', parts.logger)
  let { broughtBack } = found
  const open = new OpenCalls()
  let shipper: Shipper | undefined
  const journal = await openJournal({
    dir,
    source,
    clock,
    random: randomBytes,
    newSegment: broughtBack,
    carry: () => (broughtBack ? { open: open.all(), broughtBack } : { open: open.all() }),
    appended(type, body, { seq, at }) {
      broughtBack = false
      open.note(type, body, seq)
      shipper?.noted(seq, at)
    },
    segmentBytes,
    segmentMs: segmentEvery,
  })
  const { every: everyMs = 0 } = config.gateway.ship ?? {}
  const { lastSeq } = journal.tail
  if (shipped !== undefined)
    shipper = startShipping({ shipped, start: found.to, lastSeq, everyMs, clock, logger: parts.logger })
  const reserve = await watchReserve(dir, reserveBytes)
  const second = replicate === 'ship' ? shipper : undefined
  return {
    journal: guardJournal(journal, { reserve, needsRoom, second, needsSecond }),
    open,
    shippingLagSeconds: () => shipper?.lagSeconds() ?? 0,
    async close() {
      reserve.close()
      await journal.close()
      await shipper?.close()
    },
  }
}

function shippedSource(
  { config, keys, aws }: GatewayJournalParts,
  source: string,
  dir: string,
): ShippedSource | undefined {
  const { ship, journal } = config.gateway
  if (ship === undefined && journal.replicate === 'ship')
    throw new TriptychError('CONFIG_INVALID', { key: 'gateway.journal.replicate', reason: 'needs gateway.ship' })
  if (ship === undefined) return undefined
  const place = shipPlaceAt(aws, ship)
  return { place, source, dir, book: dataDirAt(config.dataDir).aliasBookOf(source), key: keys('journal-ship') }
}

/** What a start found in the second place. */
interface Found {
  readonly to: ShippedTo | undefined
  /** The place had more than the disk: what came behind that may be lost. */
  readonly broughtBack: boolean
}

const nothing: Found = { to: undefined, broughtBack: false }

/**
 * How far the place is. One that cannot be asked stops the start of a gateway whose calls wait for it, and of one that has no journal
 * yet: it would begin a second one of the same name.
 */
async function startOf(shipped: ShippedSource, waits: boolean, logger: Logger): Promise<Found> {
  try {
    const records = await bringBack(shipped)
    if (records > 0) logger.warn('gateway.journal.brought-back', { source: shipped.source, records })
    return { to: await locate(shipped), broughtBack: records > 0 }
  } catch (cause) {
    if (waits || !isTriptychError(cause, 'JOURNAL_UNSHIPPED') || (await lastSeqIn(shipped.dir)) === 0) throw cause
    logger.error('gateway.ship.failed', { code: cause.code, reason: cause.facts['reason'] ?? 'unknown' })
    return nothing
  }
}
