import { z } from 'zod'
import type { AccessWitness, ContentWitness, GatewayWitness } from '../../record/call.ts'
import type { Engine } from '../store/engine.ts'
import type { CallRow } from '../store/queries/list-calls.ts'
import { mainAccess } from './compare.ts'
import { witnessesUnder } from './gather.ts'
import { inOrder, ownFirst } from './group-calls.ts'

const dayMs = 86_400_000
const changeRow = z.object({
  from_verdict: z.string(),
  to_verdict: z.string(),
  judged_ms: z.coerce.number(),
  reason: z.string(),
})

/** What each witness says of one call, and how its verdict changed. */
export interface CallPanels {
  /** The first row of a witness is the one that was compared. */
  readonly access: readonly AccessWitness[]
  readonly gateway: GatewayWitness | null
  readonly content: readonly ContentWitness[]
  readonly changes: readonly {
    readonly from: string
    readonly to: string
    readonly at: string
    readonly reason: string
  }[]
  /** When the files that hold these rows were loaded, ms. */
  readonly arrived: { readonly access: readonly number[]; readonly content: readonly number[] }
  /** When it will be looked at again, ms; undefined when nothing is waited for. */
  readonly dueAt: number | undefined
}

/** Reads the panels of a call. */
export async function callPanels(engine: Engine, call: CallRow, surface: string): Promise<CallPanels> {
  const at = Date.parse(call.at)
  const found = await witnessesUnder(
    engine,
    { callIds: keyOf(call.callId), requestIds: keyOf(call.awsRequestId), from: at, to: at },
    { surface },
  )
  const gateway = ownFirst(found.gateway)[0]
  const { access, content } = inOrder(found)
  const main = mainAccess({ gateway, access, content })
  return {
    access: main === undefined ? [] : [main, ...access.filter((row) => row !== main)],
    gateway: gateway ?? null,
    content,
    changes: await changesOf(engine, call, surface),
    arrived: {
      access: await arrivalsOf(engine, 'v_access_events', call, surface),
      content: await arrivalsOf(engine, 'v_content_records', call, surface),
    },
    dueAt: await dueAtOf(engine, call, surface),
  }
}

async function arrivalsOf(
  engine: Engine,
  table: 'v_access_events' | 'v_content_records',
  call: CallRow,
  surface: string,
): Promise<readonly number[]> {
  const sql = `SELECT DISTINCT toUnixTimestamp64Milli(loaded_at) AS at FROM ${table} WHERE ${aroundCall}
    AND ((request_id != '' AND request_id = {request:String}) OR (call_id != '' AND call_id = {call:String})) ORDER BY at`
  const params = { ...aroundParams(call), request: call.awsRequestId, call: call.callId }
  const rows = await engine.rows(z.object({ at: z.coerce.number() }), sql, params, { surface })
  return rows.map((row) => row.at)
}

async function dueAtOf(engine: Engine, call: CallRow, surface: string): Promise<number | undefined> {
  const sql = `SELECT toUnixTimestamp64Milli(assumeNotNull(due_at)) AS at FROM v_calls WHERE ${aroundCall} AND call_key = {key:String} AND due_at IS NOT NULL`
  const params = { ...aroundParams(call), key: call.key }
  return (await engine.rows(z.object({ at: z.coerce.number() }), sql, params, { surface }))[0]?.at
}

const aroundCall = 'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})'

function aroundParams(call: CallRow) {
  const at = Date.parse(call.at)
  return { from: at - dayMs, to: at + dayMs }
}

async function changesOf(engine: Engine, call: CallRow, surface: string) {
  const rows = await engine.rows(
    changeRow,
    `SELECT from_verdict, to_verdict, toUnixTimestamp64Milli(judged_at) AS judged_ms, reason FROM verdict_changes
     WHERE ${aroundCall} AND call_key = {key:String} ORDER BY verdict_changes.judged_at`,
    { ...aroundParams(call), key: call.key },
    { surface },
  )
  return rows.map((row) => ({
    from: row.from_verdict,
    to: row.to_verdict,
    at: new Date(row.judged_ms).toISOString(),
    reason: row.reason,
  }))
}

function keyOf(id: string): ReadonlySet<string> {
  return new Set(id === '' ? [] : [id])
}
