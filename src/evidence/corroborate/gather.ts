import { z } from 'zod'
import type { Engine, QueryTag } from '../store/engine.ts'
import type { Witnesses } from './group-calls.ts'
import { accessColumns, accessRow, contentColumns, contentRow, gatewayColumns, gatewayRow } from './witness-rows.ts'

const ownTag = { surface: 'corroborate.gather' }
const dayMs = 86_400_000

/** Ids under which rows of one call may be found, and the span of time they were seen in. */
export interface CallKeys {
  readonly requestIds: ReadonlySet<string>
  readonly callIds: ReadonlySet<string>
  readonly from: number
  readonly to: number
}

const keyRow = z.object({ request_id: z.string(), call_id: z.string(), at_ms: z.coerce.number() })

/** What counts as the API event of a call: not its companion service event, addendum or network-activity row. */
const apiEvents = `is_call = 1 AND event_category != 'NetworkActivity' AND parent_request_id = '' AND original_event_id = ''`

/** The keys of every row loaded after `batch`, up to and including `upTo`, at most `most` of each table. */
export async function keysSince(engine: Engine, batch: number, upTo: number): Promise<CallKeys> {
  const sql = `SELECT request_id, call_id, toUnixTimestamp64Milli(ts) AS at_ms FROM access_events WHERE batch > {from:UInt64} AND batch <= {to:UInt64} AND ${apiEvents}
    UNION ALL SELECT aws_request_id, call_id, toUnixTimestamp64Milli(ts) FROM gateway_calls WHERE batch > {from:UInt64} AND batch <= {to:UInt64}
    UNION ALL SELECT request_id, call_id, toUnixTimestamp64Milli(ts) FROM content_records WHERE batch > {from:UInt64} AND batch <= {to:UInt64}`
  return collectKeys(engine.query(keyRow, sql, { from: batch, to: upTo }, ownTag))
}

/** The keys of calls whose time to be looked at again has come. */
export async function keysDue(engine: Engine, now: number): Promise<CallKeys> {
  const sql = `SELECT aws_request_id AS request_id, call_id, toUnixTimestamp64Milli(ts) AS at_ms FROM v_calls
    WHERE due_at IS NOT NULL AND due_at <= fromUnixTimestamp64Milli({now:Int64}) LIMIT 20000`
  return collectKeys(engine.query(keyRow, sql, { now }, ownTag))
}

/**
 * The keys of calls without a gateway that a log of another product now reaches: it may deny them. Those that it cannot speak of do
 * not come again.
 */
export async function keysReachedByLogs(engine: Engine, batch: number, upTo: number): Promise<CallKeys> {
  const span = await engine.rows(
    z.object({ from: z.coerce.number().nullable(), to: z.coerce.number().nullable() }),
    `SELECT toUnixTimestamp64Milli(minOrNull(ts)) AS from, toUnixTimestamp64Milli(maxOrNull(ifNull(ended_at, ts))) AS to FROM gateway_calls
     WHERE batch > {from:UInt64} AND batch <= {to:UInt64} AND stretch != ''`,
    { from: batch, to: upTo },
    ownTag,
  )
  const { from, to } = span[0] ?? { from: null, to: null }
  if (from === null || to === null) return noKeys
  const sql = `SELECT aws_request_id AS request_id, call_id, toUnixTimestamp64Milli(ts) AS at_ms FROM v_calls
    WHERE v_calls.ts >= fromUnixTimestamp64Milli({from:Int64}) AND v_calls.ts <= fromUnixTimestamp64Milli({to:Int64})
      AND seen_gateway = 0 AND hasAny(findings, ['no_gateway', 'gateway_log_absent', 'bypass:not_in_gateway_log'])`
  return collectKeys(engine.query(keyRow, sql, { from: Math.floor(from - dayMs), to: Math.ceil(to) }, ownTag))
}

const noKeys: CallKeys = { requestIds: new Set(), callIds: new Set(), from: 0, to: 0 }

/** All rows of all witnesses under these keys, and under the keys that those rows bring in. */
export async function gatherWitnesses(engine: Engine, keys: CallKeys): Promise<Witnesses> {
  const first = await witnessesUnder(engine, keys)
  const wider = widen(keys, first)
  if (wider.requestIds.size === keys.requestIds.size && wider.callIds.size === keys.callIds.size) return first
  return witnessesUnder(engine, wider)
}

/** Cuts a set of keys into parts that one statement can carry. */
export function* inParts(keys: CallKeys, most: number): Generator<CallKeys> {
  const all = [
    ...[...keys.callIds].map((id) => ['c', id] as const),
    ...[...keys.requestIds].map((id) => ['r', id] as const),
  ]
  for (let at = 0; at < all.length; at += most) {
    const part = all.slice(at, at + most)
    yield {
      ...keys,
      callIds: new Set(part.flatMap(([kind, id]) => (kind === 'c' ? [id] : []))),
      requestIds: new Set(part.flatMap(([kind, id]) => (kind === 'r' ? [id] : []))),
    }
  }
}

/** All rows of all witnesses under exactly these keys, within a day of their span. */
export async function witnessesUnder(engine: Engine, keys: CallKeys, tag: QueryTag = ownTag): Promise<Witnesses> {
  const params = {
    requests: [...keys.requestIds],
    calls: [...keys.callIds],
    from: Math.floor(keys.from - dayMs),
    to: Math.ceil(keys.to + dayMs),
  }
  const span = 'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})'
  const byKeys = (request: string) => `(${request} IN {requests:Array(String)} OR call_id IN {calls:Array(String)})`
  const gateway = await engine.rows(
    gatewayRow,
    `SELECT ${gatewayColumns} FROM v_gateway_calls WHERE ${span} AND ${byKeys('aws_request_id')}`,
    params,
    tag,
  )
  const access = await engine.rows(
    accessRow,
    `SELECT ${accessColumns} FROM v_access_events WHERE ${span} AND ${apiEvents} AND ${byKeys('request_id')}`,
    params,
    tag,
  )
  const content = await engine.rows(
    contentRow,
    `SELECT ${contentColumns} FROM v_content_records WHERE ${span} AND ${byKeys('request_id')}`,
    params,
    tag,
  )
  return { gateway, access, content }
}

function widen(keys: CallKeys, rows: Witnesses): CallKeys {
  const requestIds = new Set(keys.requestIds)
  const callIds = new Set(keys.callIds)
  const add = (set: Set<string>, id: string) => {
    if (id !== '') set.add(id)
  }
  for (const row of rows.gateway) {
    add(requestIds, row.awsRequestId)
    add(callIds, row.callId)
  }
  for (const row of [...rows.access, ...rows.content]) {
    add(requestIds, row.requestId)
    add(callIds, row.callId)
  }
  return { ...keys, requestIds, callIds }
}

async function collectKeys(rows: AsyncIterable<z.infer<typeof keyRow>>): Promise<CallKeys> {
  const requestIds = new Set<string>()
  const callIds = new Set<string>()
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for await (const row of rows) {
    if (row.request_id !== '') requestIds.add(row.request_id)
    if (row.call_id !== '') callIds.add(row.call_id)
    from = Math.min(from, row.at_ms)
    to = Math.max(to, row.at_ms)
  }
  return { requestIds, callIds, from, to }
}
