import { z } from 'zod'
import { callIdSchema } from '../../record/call-id.ts'
import { isGatewaySource } from '../../record/gateway-call.ts'
import type { Engine } from '../store/engine.ts'
import { CoverageTimeline, type StatePoint } from './coverage.ts'
import { evidenceChanges } from './evidence-changes.ts'
import { loadForeignCoverage } from './foreign-coverage.ts'
import type { CallKeys } from './gather.ts'
import type { Witnesses } from './group-calls.ts'
import { JournalCoverage, type JournalMark } from './journal-coverage.ts'
import type { JudgeContext } from './judge.ts'

const tag = { surface: 'corroborate.context' }
const dayMs = 86_400_000

/** What does not change from run to run. */
export interface StandingFacts {
  readonly windowMs: JudgeContext['windowMs']
  readonly readUntil: JudgeContext['readUntil']
  readonly readFrom: JudgeContext['readFrom']
  readonly isOurCallId: JudgeContext['isOurCallId']
  readonly contentPolicy: JudgeContext['contentPolicy']
  readonly approvalOf: JudgeContext['approvalOf']
  readonly ourRoles: readonly string[]
  readonly gatewayAddresses: ReadonlySet<string>
  /** Up to when the log of another product's gateway has been read as it grows, ms; -Infinity where it is not. */
  readonly foreignReadUntil: (gateway: string) => number
  /** A gateway silent for this long is taken for dead, ms. */
  readonly silentAfterMs: number
}

/** Everything a judgement of these calls needs to know beside the witnesses. */
export async function loadContext(
  engine: Engine,
  facts: StandingFacts,
  keys: CallKeys,
  witnesses: Witnesses,
  now: number,
): Promise<JudgeContext> {
  const timeline = new CoverageTimeline(await loadStatePoints(engine, keys.from - dayMs, Math.max(keys.to, now)))
  const marks = await loadJournalMarks(engine)
  const journals = new JournalCoverage(marks, facts.silentAfterMs)
  const sessions = await ourSessions(engine, witnesses)
  const foreign = await loadForeignCoverage(engine, keys, facts.foreignReadUntil)
  return {
    ...facts,
    now,
    foreign,
    journalOf: (id) => {
      const parsed = callIdSchema.safeParse(id)
      return parsed.success ? journals.stateOf(parsed.data, now) : 'behind'
    },
    coverageOf: (layer, account, region, at) => timeline.at(layer, account, region, at),
    isOurSession: (accessKeyId) => sessions.has(accessKeyId),
    hasGateway: facts.ourRoles.length > 0 || marks.some(({ source }) => isGatewaySource(source)),
  }
}

const snapshotRow = z.object({
  layer: z.enum(['access', 'content']),
  account: z.string(),
  region: z.string(),
  at_ms: z.coerce.number(),
  state: z.enum(['on', 'off', 'unknown']),
  reason: z.string(),
})

/** Configuration snapshots and change events of a span, as the states they tell. */
export async function loadStatePoints(engine: Engine, from: number, to: number): Promise<readonly StatePoint[]> {
  const span = 'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})'
  const params = { from: Math.floor(from), to: Math.ceil(to) }
  const snapshots = await engine.rows(
    snapshotRow,
    `SELECT layer, account, region, toUnixTimestamp64Milli(ts) AS at_ms, state, reason FROM v_snapshots WHERE ${span}`,
    params,
    tag,
  )
  const points: StatePoint[] = snapshots.map(({ at_ms, ...row }) => ({ ...row, at: at_ms, source: 'snapshot' }))
  return [...points, ...(await evidenceChanges(engine, params.from, params.to))]
}

const markRow = z.object({
  source: z.string(),
  first_seq: z.coerce.number(),
  last_seq: z.coerce.number(),
  first_ms: z.coerce.number(),
  last_ms: z.coerce.number(),
})

/** Which stretches of which journals have been read. */
export async function loadJournalMarks(engine: Engine): Promise<readonly JournalMark[]> {
  const rows = await engine.rows(
    markRow,
    `SELECT source, first_seq, last_seq, toUnixTimestamp64Milli(first_at) AS first_ms, toUnixTimestamp64Milli(last_at) AS last_ms
     FROM v_journal_marks ORDER BY source, first_seq`,
    {},
    tag,
  )
  return rows.map((row) => ({
    source: row.source,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    firstAt: row.first_ms,
    lastAt: row.last_ms,
  }))
}

async function ourSessions(engine: Engine, witnesses: Witnesses): Promise<ReadonlySet<string>> {
  const keys = [...new Set(witnesses.access.map((row) => row.accessKeyId))].filter((key) => key !== '')
  if (keys.length === 0) return new Set()
  const rows = await engine.rows(
    z.object({ access_key_id: z.string() }),
    'SELECT DISTINCT access_key_id FROM v_gateway_sessions WHERE access_key_id IN {keys:Array(String)}',
    { keys },
    tag,
  )
  return new Set(rows.map((row) => row.access_key_id))
}
