import { z } from 'zod'
import type { ForeignLog } from '../../capture/foreign/read-foreign.ts'
import type { AwsClients } from '../../platform/aws/clients.ts'
import { hasFolders } from '../../platform/objects/day-folders.ts'
import { directorySource } from '../../platform/objects/directory-source.ts'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import { s3Source } from '../../platform/objects/s3-source.ts'
import { cloudWatchLogGroup } from '../../platform/queues/log-group.ts'
import { sqsQueue } from '../../platform/queues/sqs-queue.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import { foreignGatewayName } from '../../record/foreign-call.ts'
import type { Ingester } from '../ingest/collect.ts'
import { createDayReader, type TakeAll } from '../ingest/collect-days.ts'
import { createLogGroupCollector } from '../ingest/collect-log-group.ts'
import { createQueueReader } from '../ingest/collect-queue.ts'
import { type Collector, createCollector, takenInMark } from '../ingest/collector.ts'
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
      const { whole, from } = await source.collector.collect()
      source.readFrom = from
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
  const readFrom = (type: OpenSource['type']) =>
    Math.max(...sources.filter((source) => source.type === type).map((source) => source.readFrom))
  parts.sourcesRead.access = readOf('cloudtrail')
  parts.sourcesRead.content = readOf('invocations')
  parts.sourcesRead.from = { access: readFrom('cloudtrail'), content: readFrom('invocations') }
  for (const { gateway } of sources) {
    const own = sources.filter((source) => source.gateway === gateway)
    if (gateway !== undefined) parts.sourcesRead.foreign.set(gateway, Math.min(...own.map((source) => source.readAt)))
  }
}

/** A configured source, opened. */
export interface OpenSource {
  /** When the last complete reading began, ms. */
  readAt: number
  /** From when on it has been read, ms; -Infinity when nothing older is left. */
  readFrom: number
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
  ingest: Ingester,
): Promise<OpenSource> {
  const { origin, collector, gateway } = await collectorOf(parts, configured, ingest)
  let next = Number.NEGATIVE_INFINITY
  return {
    type: configured.type,
    gateway,
    origin,
    collector,
    readFrom: Number.NEGATIVE_INFINITY,
    keptAt: Number.NEGATIVE_INFINITY,
    readAt: Number((await parts.store.progress(readingOf(configured.type, origin))) ?? Number.NEGATIVE_INFINITY),
    isDue(now) {
      if (now < next) return false
      next = now + everyOf(configured)
      return true
    },
  }
}

/** How often a source is looked at, ms: a queue is cheap to ask, a bucket is not. */
export function everyOf({ every, sqs }: HubParts['config']['sources'][number]): number {
  return every ?? (sqs === undefined ? 60_000 : 1_000)
}

/** What a configured source is. */
export type SourceType = HubParts['config']['sources'][number]['type']

type Configured = HubParts['config']['sources'][number]
type Opened = Pick<OpenSource, 'origin' | 'collector' | 'gateway'>

async function collectorOf(parts: HubParts, configured: Configured, ingest: Ingester): Promise<Opened> {
  const { type, s3, directory, logGroup } = configured
  if (type === 'journals') {
    const place = shipPlaceAt(parts.aws, { s3, directory })
    return { origin: place.origin, collector: createShippedJournals(parts, place), gateway: undefined }
  }
  if (logGroup !== undefined) return logGroupCollector(parts, configured, logGroup, ingest)
  const source = s3 === undefined ? directorySource(directory ?? '') : s3Source(awsOf(parts, configured).s3, s3)
  const log = logOf(configured)
  if (log !== undefined && directory !== undefined) {
    const collector = await createLogTail({ ...parts, positionsDir: parts.dirs.tails }, log, source)
    return { origin: source.origin, collector, gateway: foreignGatewayName(log.product, log.source) }
  }
  return {
    origin: source.origin,
    collector: await objectCollector(parts, configured, source, ingest),
    gateway: undefined,
  }
}

/** A place with objects: by the days in their keys where it has folders, and by a queue where one tells of them. */
async function objectCollector(
  parts: HubParts,
  configured: Configured,
  source: ObjectSource,
  ingest: Ingester,
): Promise<Collector> {
  const { type, sqs, listEvery } = configured
  const { region } = configured.region === undefined ? parts.config.aws : { region: configured.region }
  const queue =
    sqs === undefined
      ? {}
      : {
          listEveryMs: listEvery,
          queue: createQueueReader({
            ...parts,
            source,
            ingest: ingest.one,
            queue: sqsQueue(() => awsOf(parts, configured).sqs(region), sqs),
          }),
        }
  const name = `${type}:${source.origin}`
  const days = hasFolders(source)
    ? { days: (takeAll: TakeAll) => createDayReader({ ...parts, source, takeAll }, name) }
    : {}
  const seen = await marksTakenIn(parts, type, source.origin)
  return createCollector({ source, ingest: ingest.many, seen, logger: parts.logger, ...queue, ...days })
}

function logGroupCollector(parts: HubParts, configured: Configured, name: string, ingest: Ingester): Opened {
  const region = configured.region ?? parts.config.aws.region
  const aws = awsOf(parts, configured)
  const origin = `logs:${region}:${name}`
  const { bodies } = configured
  const collector = createLogGroupCollector({
    ...parts,
    group: cloudWatchLogGroup(() => aws.logs(region), name),
    origin,
    bodies: bodies === undefined ? undefined : s3Source(aws.s3, bodies),
    ingest: ingest.one,
  })
  return { origin, collector, gateway: undefined }
}

/** AWS as a source sees it: under a role of its own where it has one. */
function awsOf(parts: HubParts, { role }: Configured): AwsClients {
  return role === undefined ? parts.aws : parts.aws.assuming({ arn: role.arn, externalId: role.externalId })
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
