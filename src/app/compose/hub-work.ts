import { randomBytes } from 'node:crypto'
import { createSessions } from '../access/sessions.ts'
import type { SwitchParts } from '../content/logging-switch.ts'
import { madeDay } from '../demo/demo-day.ts'
import type { HubServices, IngestWhat } from '../hub-services.ts'
import { ingestCloudTrail, ingestManyCloudTrail } from '../ingest/cloudtrail.ts'
import { type Ingester, type IngestMany, type IngestObject, ingestAll, oneByOne } from '../ingest/collect.ts'
import { accountOf, takeSnapshots } from '../ingest/estate.ts'
import { ingestGatewayLog } from '../ingest/gateway-logs.ts'
import { ingestInvocations } from '../ingest/invocations.ts'
import { createJournalLoader } from '../ingest/journals.ts'
import { isHalfRebuilt, rebuildStore, rebuiltAtName } from '../ingest/rebuild.ts'
import { enteredRecord, proveCall } from '../ledger/prove-call.ts'
import { refuseRealLogs } from '../origin-mark.ts'
import { contentRuleOf } from '../policies.ts'
import { version } from '../version.ts'
import { collectAll, keepReading, logOf, noteReading, type OpenSource, openSource, sourceAt } from './hub-sources.ts'
import type { HubParts } from './open-hub.ts'

/** What a hub does, wired. */
export interface Work {
  readonly services: HubServices
  runOnce(): Promise<void>
  judge(): Promise<void>
  takeSnapshots(): Promise<void>
  /** Says where the console is, once it listens. */
  consoleAt(url: string): void
}

/** Everything the hub does, one thing at a time: loads, judgements and rebuilds never overlap. */
export async function createWork(parts: HubParts): Promise<Work> {
  const startedAt = new Date(parts.clock.now()).toISOString()
  const alone = oneAtATime()
  const loadJournals = createJournalLoader(parts)
  const sources = await Promise.all(
    parts.config.sources.map((source) => openSource(parts, source, ingesterOf(parts, whatIs(source)))),
  )
  noteReading(parts, sources)
  let lastRunAt = ''
  let consoleUrl = ''
  let snapshotsAt = Number.NEGATIVE_INFINITY
  const judge = async () => {
    await parts.ledger.enter()
    await loadJournals()
    await parts.corroborator.run()
  }
  const rebuild: WorkState['rebuild'] = async (onProgress) => {
    const rebuilt = await rebuildStore(parts, loadJournals, onProgress)
    for (const source of sources) await keepReading(parts, source)
    return rebuilt
  }
  if (await isHalfRebuilt(parts)) await rebuild(async () => undefined)
  const fallbackAccount = parts.config.gateway.sts?.role.split(':')[4] ?? ''
  const snapshots = async () => {
    await takeSnapshots({ ...parts, regions: parts.config.estate.regions, fallbackAccount })
    snapshotsAt = parts.clock.now()
  }
  const runOnce = async () => {
    await alone(async () => {
      await parts.ledger.enter()
      await loadJournals()
      await collectAll(parts, sources)
      if (parts.clock.now() - snapshotsAt >= parts.config.estate.every) await snapshots()
      await judge()
      lastRunAt = new Date(parts.clock.now()).toISOString()
    })
    // The network is not waited for.
    void parts.ledger.publish()
  }
  const services = servicesOf(parts, {
    startedAt,
    lastRunAt: () => lastRunAt,
    consoleUrl: () => consoleUrl,
    alone,
    loadJournals,
    sources,
    judge,
    rebuild,
    contentLogging: switchOf(parts, fallbackAccount, () => alone(snapshots)),
  })
  return {
    services,
    runOnce,
    judge: () => alone(judge),
    takeSnapshots: () => alone(snapshots),
    consoleAt(url) {
      consoleUrl = url
    },
  }
}

function ingesterOf(parts: HubParts, what: IngestWhat): Ingester {
  if (what.kind === 'cloudtrail')
    return {
      one: (source, object) => ingestCloudTrail(parts, source, object),
      many: (source, objects) => ingestManyCloudTrail(parts, source, objects),
    }
  const one: IngestObject =
    what.kind === 'gateway-log'
      ? (source, object) => ingestGatewayLog(parts, what.log, source, object)
      : (source, object) => ingestInvocations(parts, source, object)
  return { one, many: oneByOne(one) }
}

function whatIs(source: HubParts['config']['sources'][number]): IngestWhat {
  const log = logOf(source)
  if (log !== undefined) return { kind: 'gateway-log', log }
  return { kind: source.type === 'cloudtrail' ? 'cloudtrail' : 'invocations' }
}

interface WorkState {
  readonly startedAt: string
  readonly lastRunAt: () => string
  readonly consoleUrl: () => string
  readonly alone: <T>(task: () => Promise<T>) => Promise<T>
  readonly loadJournals: () => Promise<number>
  readonly sources: readonly OpenSource[]
  readonly judge: () => Promise<void>
  readonly rebuild: HubServices['rebuild']
  readonly contentLogging: SwitchParts
}

function switchOf(parts: HubParts, fallbackAccount: string, snapshots: () => Promise<void>): SwitchParts {
  const { regions } = parts.config.estate
  return {
    aws: parts.aws,
    regions: regions.length > 0 ? regions : [parts.config.aws.region],
    account: () => accountOf({ ...parts, fallbackAccount }),
    ruleFor: contentRuleOf(parts.config),
    act: parts.act,
    reasonKey: parts.keys('reason'),
    clock: parts.clock,
    takeSnapshots: snapshots,
  }
}

function servicesOf(parts: HubParts, work: WorkState): HubServices {
  const { window } = parts.config.corroborate
  return {
    engine: parts.engine,
    clock: parts.clock,
    act: parts.act,
    audit: { act: parts.act, reasonKey: parts.keys('reason'), random: randomBytes },
    vault: parts.vault,
    contentLogging: work.contentLogging,
    sessions: createSessions({ clock: parts.clock, random: randomBytes, act: parts.act }),
    completeUntil: () => ({
      access: moment(Math.min(parts.sourcesRead.access, parts.clock.now()) - window.cloudtrail),
      gateway: work.lastRunAt() || null,
      content: moment(Math.min(parts.sourcesRead.content, parts.clock.now()) - window.invocations),
    }),
    madeDay: async () => (parts.simulated ? madeDay(parts.dirs.root) : undefined),
    status: () => ({
      version,
      simulated: parts.simulated,
      startedAt: work.startedAt,
      lastRunAt: work.lastRunAt(),
      consoleUrl: work.consoleUrl(),
      engine: parts.engine.kind,
      sources: work.sources.map(({ type, origin, collector }) => ({ type, origin, ...collector.state() })),
      windows: { cloudtrailMs: window.cloudtrail, invocationsMs: window.invocations },
    }),
    ingest(what, path) {
      if (parts.simulated) refuseRealLogs(parts.dirs.root, path)
      return ingestThenJudge(parts, work, what, path)
    },
    ledger: () => parts.ledger.ledger(),
    ledgerStatus: () => parts.ledger.status(),
    prove: (call, record) => proveCall({ ...parts, ledger: parts.ledger.ledger }, call, record),
    enteredRecord: (call, record) => enteredRecord({ ...parts, ledger: parts.ledger.ledger }, call, record),
    checkArchive: () => work.alone(() => parts.archive.check()),
    rebuiltAt: async () => {
      const at = await parts.store.progress(rebuiltAtName)
      return at === undefined ? undefined : Number(at)
    },
    rebuild: (onProgress) =>
      work.alone(async () => {
        const rebuilt = await work.rebuild(onProgress)
        await work.judge()
        return rebuilt
      }),
  }
}

async function* ingestThenJudge(parts: HubParts, work: WorkState, what: IngestWhat, path: string) {
  const takeIn = ingesterOf(parts, what)
  const ingest: IngestMany = (source, objects) => work.alone(() => takeIn.many(source, objects))
  yield* ingestAll(sourceAt(parts, path), ingest)
  await work.alone(work.judge)
}

function moment(at: number): string | null {
  return Number.isFinite(at) ? new Date(at).toISOString() : null
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
