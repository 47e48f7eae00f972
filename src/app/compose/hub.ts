import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { z } from 'zod'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { createLogger, type Logger } from '../../platform/logger.ts'
import { directorySource } from '../../platform/objects/directory-source.ts'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import { s3Source } from '../../platform/objects/s3-source.ts'
import { listenOnSocket, socketPathFor } from '../../platform/unix-socket.ts'
import { createHubApi } from '../api/hub-api.ts'
import type { Config } from '../config-schema.ts'
import type { HubServices, SourceStatus } from '../hub-services.ts'
import { ingestCloudTrail } from '../ingest/cloudtrail.ts'
import { type Collector, createCollector, type IngestObject, ingestAll } from '../ingest/collect.ts'
import { takeSnapshots } from '../ingest/estate.ts'
import { ingestInvocations } from '../ingest/invocations.ts'
import { createJournalLoader } from '../ingest/journals.ts'
import { rebuildStore } from '../ingest/rebuild.ts'
import { isSimulatedDir } from '../origin-mark.ts'
import { version } from '../version.ts'
import { type HubParts, openHub } from './open-hub.ts'

/** A hub that runs. */
export interface RunningHub {
  readonly socketPath: string
  /** Looks at everything now, once: journals, sources, snapshots, verdicts. */
  runOnce(): Promise<void>
  /** Writes down what the account's configuration says now. */
  takeSnapshots(): Promise<void>
  close(): Promise<void>
}

/** A store opened by a command itself, because no hub runs. */
export interface HubHere {
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

/** The name of the hub's socket in the data directory. */
export const hubSocketName = 'hub.sock'

/** Starts the hub: its socket, its collectors, its join. Throws DATA_DIR_LOCKED when another hub owns the directory. */
export async function startHub(config: Config, clock: Clock, logger: Logger): Promise<RunningHub> {
  const socketPath = socketPathFor(config.dataDir, hubSocketName)
  const parts = await openHub(config, clock, logger)
  const work = await createWork(parts)
  const server = createAdaptorServer({ fetch: createHubApi(work.services).fetch, createServer })
  await listenOnSocket(server, socketPath)
  await parts.act('hub.started', { version, simulated: config.simulated })
  const loop = repeat(() => work.runOnce(), config.corroborate.every, logger)
  return {
    socketPath,
    runOnce: work.runOnce,
    takeSnapshots: work.takeSnapshots,
    async close() {
      await loop.stop()
      await new Promise((resolve) => {
        server.close(resolve)
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await parts.act('hub.stopped', { version })
      await parts.close()
    },
  }
}

/** Opens the store of a data directory for one command. Throws DATA_DIR_LOCKED when somebody else has it open. */
export async function openHubHere(config: Config): Promise<HubHere> {
  const logger = createLogger('error', (line) => process.stderr.write(line))
  const parts = await openHub({ ...config, simulated: await isSimulatedDir(config.dataDir) }, systemClock, logger)
  const work = await createWork(parts)
  const api = createHubApi(work.services)
  await work.judge()
  return { fetch: async (request) => api.fetch(request), close: parts.close }
}

interface Work {
  readonly services: HubServices
  runOnce(): Promise<void>
  judge(): Promise<void>
  takeSnapshots(): Promise<void>
}

/** Everything the hub does, one thing at a time: loads, judgements and rebuilds never overlap. */
async function createWork(parts: HubParts): Promise<Work> {
  const startedAt = new Date(parts.clock.now()).toISOString()
  const alone = oneAtATime()
  const loadJournals = createJournalLoader(parts)
  const ingesters: Readonly<Record<'cloudtrail' | 'invocations', IngestObject>> = {
    cloudtrail: (source, object) => ingestCloudTrail(parts, source, object),
    invocations: (source, object) => ingestInvocations(parts, source, object),
  }
  const sources = await Promise.all(
    parts.config.sources.map((source) => openSource(parts, source, ingesters[source.type])),
  )
  noteReading(parts, sources)
  let lastRunAt = ''
  let snapshotsAt = Number.NEGATIVE_INFINITY
  const judge = async () => {
    await loadJournals()
    await parts.corroborator.run()
  }
  const snapshots = async () => {
    const account = parts.config.gateway.sts?.role.split(':')[4] ?? ''
    await takeSnapshots({ ...parts, regions: parts.config.estate.regions, account })
    snapshotsAt = parts.clock.now()
  }
  const runOnce = () =>
    alone(async () => {
      await loadJournals()
      await collectAll(parts, sources)
      if (parts.clock.now() - snapshotsAt >= parts.config.estate.every) await snapshots()
      await judge()
      lastRunAt = new Date(parts.clock.now()).toISOString()
    })
  const services: HubServices = {
    engine: parts.engine,
    clock: parts.clock,
    act: parts.act,
    status: () => ({
      version,
      simulated: parts.simulated,
      startedAt,
      lastRunAt,
      engine: parts.engine.kind,
      sources: sources.map(
        (source): SourceStatus => ({ type: source.type, origin: source.origin, ...source.collector.state() }),
      ),
      windows: {
        cloudtrailMs: parts.config.corroborate.window.cloudtrail,
        invocationsMs: parts.config.corroborate.window.invocations,
      },
    }),
    async *ingest(kind, path) {
      for await (const file of ingestAll(sourceAt(parts, path), (source, object) =>
        alone(() => ingesters[kind](source, object)),
      ))
        yield file
      await alone(judge)
    },
    rebuild: () =>
      alone(async () => {
        const rebuilt = await rebuildStore(parts, loadJournals)
        await judge()
        return rebuilt
      }),
  }
  return { services, runOnce, judge: () => alone(judge), takeSnapshots: () => alone(snapshots) }
}

/** Reads every source that is due. A layer has been read up to the moment its slowest source was last read whole. */
async function collectAll(parts: HubParts, sources: readonly OpenSource[]): Promise<void> {
  for (const source of sources) {
    if (!source.isDue(performance.now())) continue
    const startedAt = parts.clock.now()
    try {
      await source.collector.collect()
      source.readAt = startedAt
    } catch {
      parts.logger.warn('hub.source.failed', { type: source.type })
    }
  }
  noteReading(parts, sources)
}

function noteReading(parts: HubParts, sources: readonly OpenSource[]): void {
  const readOf = (type: OpenSource['type']) =>
    Math.min(...sources.filter((source) => source.type === type).map((source) => source.readAt))
  parts.sourcesRead.access = readOf('cloudtrail')
  parts.sourcesRead.content = readOf('invocations')
}

interface OpenSource {
  /** When the last complete reading began, ms. */
  readAt: number
  readonly type: 'cloudtrail' | 'invocations'
  readonly origin: string
  readonly collector: Collector
  isDue(now: number): boolean
}

async function openSource(
  parts: HubParts,
  configured: HubParts['config']['sources'][number],
  ingest: IngestObject,
): Promise<OpenSource> {
  const source = sourceAt(parts, configured.s3 ?? configured.directory ?? '')
  const collector = createCollector(
    source,
    ingest,
    await keysTakenIn(parts, configured.type, source.origin),
    parts.logger,
  )
  let next = Number.NEGATIVE_INFINITY
  return {
    type: configured.type,
    origin: source.origin,
    collector,
    readAt: Number.NEGATIVE_INFINITY,
    isDue(now) {
      if (now < next) return false
      next = now + configured.every
      return true
    },
  }
}

async function keysTakenIn(parts: HubParts, kind: string, origin: string): Promise<ReadonlySet<string>> {
  const rows = await parts.engine.rows(
    z.object({ name: z.string() }),
    'SELECT name FROM v_source_files WHERE kind = {kind:String} AND origin = {origin:String}',
    { kind, origin },
    { surface: 'hub.sources' },
  )
  return new Set(rows.map((row) => row.name))
}

function sourceAt(parts: HubParts, path: string): ObjectSource {
  return path.startsWith('s3://') ? s3Source(parts.aws.s3, path) : directorySource(path)
}

/** Runs tasks one after the other; a failed one does not stop the next. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(task: () => Promise<T>): Promise<T> => {
    const next = last.then(task, task)
    last = next.catch(() => undefined)
    return next
  }
}

function repeat(task: () => Promise<void>, everyMs: number, logger: Logger): { stop(): Promise<void> } {
  let stopped = false
  let wake: () => void = () => undefined
  const running = (async () => {
    while (!stopped) {
      await task().catch((cause: unknown) =>
        logger.error('hub.run.failed', { error: cause instanceof Error ? cause.message : 'unknown' }),
      )
      if (stopped) break
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, everyMs)
      })
    }
  })()
  return {
    async stop() {
      stopped = true
      wake()
      await running
    },
  }
}
