import { z } from 'zod'
import type { Engine } from '../store/engine.ts'
import type { CallRow } from '../store/queries/list-calls.ts'
import { accessColumns, accessRow, contentColumns, contentRow, gatewayColumns, gatewayRow } from './witness-rows.ts'

const dayMs = 86_400_000
const changeRow = z.object({
  from_verdict: z.string(),
  to_verdict: z.string(),
  judged_ms: z.coerce.number(),
  reason: z.string(),
})

/** What each witness says of one call, and how its verdict changed. */
export async function callPanels(engine: Engine, call: CallRow, surface: string) {
  const at = Date.parse(call.at)
  const params = {
    call: call.callId === '' ? 'none' : call.callId,
    request: call.awsRequestId === '' ? 'none' : call.awsRequestId,
    from: at - dayMs,
    to: at + dayMs,
  }
  const span = 'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})'
  const tag = { surface }
  const gateway = await engine.rows(
    gatewayRow,
    `SELECT ${gatewayColumns} FROM v_gateway_calls WHERE ${span} AND call_id = {call:String}`,
    params,
    tag,
  )
  const keys = '(request_id = {request:String} OR call_id = {call:String})'
  const access = await engine.rows(
    accessRow,
    `SELECT ${accessColumns} FROM v_access_events WHERE ${span} AND is_call = 1 AND ${keys} ORDER BY v_access_events.ts`,
    params,
    tag,
  )
  const content = await engine.rows(
    contentRow,
    `SELECT ${contentColumns} FROM v_content_records WHERE ${span} AND ${keys} ORDER BY v_content_records.ts`,
    params,
    tag,
  )
  const changes = await engine.rows(
    changeRow,
    `SELECT from_verdict, to_verdict, toUnixTimestamp64Milli(judged_at) AS judged_ms, reason FROM verdict_changes
     WHERE ${span} AND call_key = {key:String} ORDER BY verdict_changes.judged_at`,
    { ...params, key: call.key },
    tag,
  )
  return {
    access,
    gateway: gateway[0] ?? null,
    content,
    changes: changes.map((row) => ({
      from: row.from_verdict,
      to: row.to_verdict,
      at: new Date(row.judged_ms).toISOString(),
      reason: row.reason,
    })),
  }
}
