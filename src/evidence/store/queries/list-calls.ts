import { z } from 'zod'
import { verdicts } from '../../../record/verdict.ts'
import type { Engine, Params } from '../engine.ts'
import { type CallSelection, whereOf } from './call-filters.ts'
import { type TimeWindow, windowParams, withinWindow } from './time-window.ts'

const flag = z.coerce.number().transform((value) => value === 1)
const optionalCount = z.coerce.number().nullable()

const comparedSchema = z.array(
  z.object({ field: z.string(), between: z.array(z.string()), agree: z.boolean(), strength: z.string() }),
)

/** A call as lists show it. */
export const callRowSchema = z
  .object({
    call_key: z.string(),
    at: z.coerce.number(),
    call_id: z.string(),
    gateway: z.string(),
    aws_request_id: z.string(),
    alias: z.string(),
    principal_arn: z.string(),
    team: z.string(),
    project: z.string(),
    session_claim: z.string(),
    operation: z.string(),
    model: z.string(),
    region: z.string(),
    account: z.string(),
    verdict: z.enum(verdicts),
    previous_verdict: z.string(),
    findings: z.array(z.string()),
    reason: z.string(),
    compared: z.string(),
    seen_access: flag,
    seen_gateway: flag,
    seen_content: flag,
    tokens_input: optionalCount,
    tokens_output: optionalCount,
    tokens_cache_read: optionalCount,
    tokens_cache_write: optionalCount,
    result: z.string(),
    http_status: z.coerce.number(),
    stop_reason: z.string(),
    duration_ms: optionalCount,
    first_byte_ms: optionalCount,
    judged_at: z.coerce.number(),
    simulated: flag,
  })
  .transform((row) => ({
    key: row.call_key,
    at: new Date(row.at).toISOString(),
    callId: row.call_id,
    gateway: row.gateway,
    awsRequestId: row.aws_request_id,
    alias: row.alias,
    principalArn: row.principal_arn,
    team: row.team,
    project: row.project,
    session: row.session_claim,
    operation: row.operation,
    model: row.model,
    region: row.region,
    account: row.account,
    verdict: row.verdict,
    previousVerdict: row.previous_verdict,
    findings: row.findings,
    reason: row.reason,
    compared: comparedSchema.parse(JSON.parse(row.compared || '[]')),
    seen: { access: row.seen_access, gateway: row.seen_gateway, content: row.seen_content },
    tokens: {
      input: row.tokens_input,
      output: row.tokens_output,
      cacheRead: row.tokens_cache_read,
      cacheWrite: row.tokens_cache_write,
    },
    result: row.result,
    httpStatus: row.http_status,
    stopReason: row.stop_reason,
    durationMs: row.duration_ms,
    firstByteMs: row.first_byte_ms,
    judgedAt: new Date(row.judged_at).toISOString(),
    simulated: row.simulated,
  }))

/** A call as lists show it. */
export type CallRow = z.infer<typeof callRowSchema>

const columns = `call_key, toUnixTimestamp64Milli(ts) AS at, call_id, gateway, aws_request_id, alias, principal_arn, team, project, session_claim, operation, model, region,
  account, verdict, previous_verdict, findings, reason, compared, seen_access, seen_gateway, seen_content, tokens_input, tokens_output,
  tokens_cache_read, tokens_cache_write, result, http_status, stop_reason, duration_ms, first_byte_ms,
  toUnixTimestamp64Milli(judged_at) AS judged_at, simulated`

/** Where a list goes on: behind the call of this moment (ms) and key. */
export interface Cursor {
  readonly at: number
  readonly key: string
}

/** What is asked for. */
export interface CallQuery extends CallSelection {
  readonly after?: Cursor | undefined
  /** 1 to 1,000. */
  readonly limit: number
}

const dayMs = 86_400_000
/** Newest first means that most answers stand in the last day: older stretches are read only when that is not enough. */
const stretchesMs = [dayMs, 7 * dayMs, 31 * dayMs, Number.POSITIVE_INFINITY] as const

/** The newest calls first. */
export async function listCalls(engine: Engine, query: CallQuery, surface: string): Promise<readonly CallRow[]> {
  const until = Math.min(query.window.until, query.after === undefined ? Number.POSITIVE_INFINITY : query.after.at + 1)
  for (const stretch of stretchesMs) {
    const since = Math.max(query.window.since, until - stretch)
    const { sql, params } = listing({ ...query, window: { since, until } })
    const rows = await engine.rows(callRowSchema, sql, params, { surface })
    if (rows.length >= query.limit || since === query.window.since) return rows
  }
  return []
}

/** The same as a stream, for exports. What came before an error is not an answer. */
export function streamCalls(engine: Engine, query: CallQuery, signal: AbortSignal): AsyncIterable<CallRow> {
  const { sql, params } = listing(query)
  return engine.query(callRowSchema, sql, params, { surface: 'api.calls.export' }, { maxSeconds: 600, signal })
}

function listing(query: CallQuery): { readonly sql: string; readonly params: Params } {
  const { where, params } = whereOf(query)
  const behind =
    query.after === undefined
      ? ''
      : `AND ts <= fromUnixTimestamp64Milli({after_at:Int64}) AND (ts < fromUnixTimestamp64Milli({after_at:Int64}) OR call_key < {after_key:String})`
  // Which rows they are is found in the few columns that the filters name; only then are whole rows read.
  const newest = 'ORDER BY v_calls.ts DESC, call_key DESC LIMIT {limit:UInt32}'
  const sql = `SELECT ${columns} FROM v_calls WHERE ${withinWindow}
      AND (ts, call_key) IN (SELECT ts, call_key FROM v_calls WHERE ${where} ${behind} ${newest}) ${newest}`
  const cursor = query.after === undefined ? {} : { after_at: query.after.at, after_key: query.after.key }
  return { sql, params: { ...params, ...cursor, limit: query.limit } }
}

/** One call by its call id, AWS request id or the id that another product's gateway gave it; undefined when there is none. */
export async function findCall(engine: Engine, id: string, surface: string): Promise<CallRow | undefined> {
  const found = await callUnder(engine, id, surface)
  if (found !== undefined) return found
  const sql = `SELECT call_id, aws_request_id FROM v_gateway_calls WHERE own_request_id != '' AND own_request_id = {id:String} LIMIT 1`
  const row = z.object({ call_id: z.string(), aws_request_id: z.string() })
  const [named] = await engine.rows(row, sql, { id }, { surface })
  return named === undefined ? undefined : callUnder(engine, named.aws_request_id || named.call_id, surface)
}

async function callUnder(engine: Engine, id: string, surface: string): Promise<CallRow | undefined> {
  const sql = `SELECT ${columns} FROM v_calls WHERE call_key = {id:String} OR call_id = {id:String} OR aws_request_id = {id:String}
    ORDER BY v_calls.ts, call_key LIMIT 1`
  return (await engine.rows(callRowSchema, sql, { id }, { surface }))[0]
}

/**
 * Calls judged at or after a moment, oldest judgement first: what a live view adds. One run judges many at the same moment, so a page
 * goes on behind a key within it; the empty key is before all.
 */
export async function callsJudgedSince(
  engine: Engine,
  from: Cursor,
  window: TimeWindow,
  limit: number,
): Promise<readonly CallRow[]> {
  const sql = `SELECT ${columns} FROM v_calls WHERE ${withinWindow} AND v_calls.judged_at >= fromUnixTimestamp64Milli({after:Int64})
    AND (v_calls.judged_at > fromUnixTimestamp64Milli({after:Int64}) OR call_key > {key:String})
    ORDER BY v_calls.judged_at, call_key LIMIT {limit:UInt32}`
  const params = { ...windowParams(window), after: from.at, key: from.key, limit }
  return engine.rows(callRowSchema, sql, params, { surface: 'api.live' })
}

const verdictCount = z.object({ verdict: z.string(), calls: z.coerce.number() })

/** How many calls have each verdict; the sum is the number of calls. */
export async function countVerdicts(
  engine: Engine,
  window: TimeWindow,
  surface: string,
): Promise<Readonly<Record<string, number>>> {
  const sql = `SELECT verdict, count() AS calls FROM v_calls WHERE ${withinWindow} GROUP BY verdict`
  const rows = await engine.rows(verdictCount, sql, windowParams(window), { surface })
  return Object.fromEntries(rows.map((row) => [row.verdict, row.calls]))
}

/** Where calls of a span went, whether or not anything else is known of the place. */
export async function placesCalled(engine: Engine, window: TimeWindow, surface: string) {
  const sql = `SELECT DISTINCT account, region FROM v_calls WHERE ${withinWindow} AND account != '' AND region != ''`
  return engine.rows(z.object({ account: z.string(), region: z.string() }), sql, windowParams(window), { surface })
}

/** How many calls are `lost`, by the gateway that their call id names. */
export async function lostByGateway(
  engine: Engine,
  window: TimeWindow,
  surface: string,
): Promise<Readonly<Record<string, number>>> {
  const sql = `SELECT substring(call_id, 1, 4) AS gateway, count() AS calls FROM v_calls
    WHERE ${withinWindow} AND verdict = 'lost' GROUP BY gateway`
  const row = z.object({ gateway: z.string(), calls: z.coerce.number() })
  const rows = await engine.rows(row, sql, windowParams(window), { surface })
  return Object.fromEntries(rows.map(({ gateway, calls }) => [gateway, calls]))
}
