import { z } from 'zod'
import type { ForeignLog } from '../../capture/foreign/read-foreign.ts'
import { directorySource } from '../../platform/objects/directory-source.ts'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import { s3Source } from '../../platform/objects/s3-source.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import { foreignGatewayName } from '../../record/foreign-call.ts'
import { type Collector, createCollector, type IngestObject, takenInMark } from '../ingest/collect.ts'
import { createShippedJournals } from '../ingest/shipped-journals.ts'
import { createLogTail } from '../ingest/tail-gateway-logs.ts'
import type { HubParts } from './open-hub.ts'
import { shipPlaceAt } from './ship-place-at.ts'

/** Reads every source that is due. A layer has been read up to the moment its slowest source was last read whole. */
export async function collectAll(parts: HubParts, sources: readonly OpenSource[]): Promise<void> {
  for (const source of sources) {
    if (!source.isDue(performance.now())) continue
    const startedAt = parts.clock.now()
    try {
      const { whole } = await source.collector.collect()
      // What could not be read is not known to be absent.
      if (whole) {
        source.readAt = startedAt
        if (startedAt - source.keptAt >= keepEveryMs) await keepReading(parts, source)
      }
    } catch (cause) {
      const { code, facts } = asTriptychError(cause, 'SOURCE_FAILED')
      parts.logger.warn('hub.source.failed', { type: source.type, code, reason: facts['reason'] ?? 'unknown' })
    }
  }
  noteReading(parts, sources)
}

/** A program that begins knows how far its sources were read to within this; the first reading says the rest. */
const keepEveryMs = 60_000

/** Keeps how far a source has been read, so that a later program does not begin by knowing nothing. */
export async function keepReading(parts: HubParts, source: OpenSource): Promise<void> {
  if (!Number.isFinite(source.readAt)) return
  source.keptAt = source.readAt
  await parts.store.setProgress(readingOf(source.type, source.origin), String(source.readAt))
}

/** Notes up to when each layer has been read. */
export function noteReading(parts: HubParts, sources: readonly OpenSource[]): void {
  const readOf = (type: OpenSource['type']) =>
    Math.min(...sources.filter((source) => source.type === type).map((source) => source.readAt))
  parts.sourcesRead.access = readOf('cloudtrail')
  parts.sourcesRead.content = readOf('invocations')
  for (const { gateway } of sources) {
    const own = sources.filter((source) => source.gateway === gateway)
    if (gateway !== undefined) parts.sourcesRead.foreign.set(gateway, Math.min(...own.map((source) => source.readAt)))
  }
}

/** A configured source, opened. */
export interface OpenSource {
  /** When the last complete reading began, ms. */
  readAt: number
  /** What of it the store knows, ms. */
  keptAt: number
  readonly type: SourceType
  /** Whose log it is that is read as it grows. */
  readonly gateway: string | undefined
  readonly origin: string
  readonly collector: Collector
  isDue(now: number): boolean
}

/** Opens a configured source, with what earlier runs have taken in of it. */
export async function openSource(
  parts: HubParts,
  configured: HubParts['config']['sources'][number],
  ingest: IngestObject,
): Promise<OpenSource> {
  const { origin, collector, gateway } = await collectorOf(parts, configured, ingest)
  let next = Number.NEGATIVE_INFINITY
  return {
    type: configured.type,
    gateway,
    origin,
    collector,
    keptAt: Number.NEGATIVE_INFINITY,
    readAt: Number((await parts.store.progress(readingOf(configured.type, origin))) ?? Number.NEGATIVE_INFINITY),
    isDue(now) {
      if (now < next) return false
      next = now + configured.every
      return true
    },
  }
}

/** What a configured source is. */
export type SourceType = HubParts['config']['sources'][number]['type']

async function collectorOf(
  parts: HubParts,
  configured: HubParts['config']['sources'][number],
  ingest: IngestObject,
): Promise<Pick<OpenSource, 'origin' | 'collector' | 'gateway'>> {
  const { type, s3, directory } = configured
  if (type === 'journals') {
    const place = shipPlaceAt(parts.aws, { s3, directory })
    return { origin: place.origin, collector: createShippedJournals(parts, place), gateway: undefined }
  }
  const source = sourceAt(parts, s3 ?? directory ?? '')
  const log = logOf(configured)
  if (log !== undefined && directory !== undefined) {
    const collector = await createLogTail({ ...parts, positionsDir: parts.dirs.tails }, log, source)
    return { origin: source.origin, collector, gateway: foreignGatewayName(log.product, log.source) }
  }
  const seen = await marksTakenIn(parts, type, source.origin)
  return { origin: source.origin, collector: createCollector(source, ingest, seen, parts.logger), gateway: undefined }
}

/** Whose log a configured source is; undefined where it is AWS's. */
export function logOf({ format, name }: HubParts['config']['sources'][number]): ForeignLog | undefined {
  return format === undefined ? undefined : { product: format, source: name ?? 'log' }
}

function readingOf(type: string, origin: string): string {
  return `source.read:${type}:${origin}`
}

async function marksTakenIn(parts: HubParts, kind: string, origin: string): Promise<ReadonlySet<string>> {
  const rows = await parts.engine.rows(
    z.object({ name: z.string(), bytes: z.coerce.number() }),
    'SELECT name, bytes FROM v_source_files WHERE kind = {kind:String} AND origin = {origin:String}',
    { kind, origin },
    { surface: 'hub.sources' },
  )
  return new Set(rows.map((row) => takenInMark(row.name, row.bytes)))
}

/** The source behind a path or an s3:// address. */
export function sourceAt(parts: HubParts, path: string): ObjectSource {
  return path.startsWith('s3://') ? s3Source(parts.aws.s3, path) : directorySource(path)
}
