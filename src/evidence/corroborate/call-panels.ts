import { z } from 'zod'
import type { Engine } from '../store/engine.ts'
import type { CallRow } from '../store/queries/list-calls.ts'
import { mainAccess } from './compare.ts'
import { witnessesUnder } from './gather.ts'
import { inOrder } from './group-calls.ts'

const dayMs = 86_400_000
const changeRow = z.object({
  from_verdict: z.string(),
  to_verdict: z.string(),
  judged_ms: z.coerce.number(),
  reason: z.string(),
})

/** What each witness says of one call, and how its verdict changed. The first row of a witness is the one that was compared. */
export async function callPanels(engine: Engine, call: CallRow, surface: string) {
  const at = Date.parse(call.at)
  const found = await witnessesUnder(
    engine,
    { callIds: keyOf(call.callId), requestIds: keyOf(call.awsRequestId), from: at, to: at },
    { surface },
  )
  const gateway = found.gateway[0]
  const { access, content } = inOrder(found)
  const main = mainAccess({ gateway, access, content })
  return {
    access: main === undefined ? [] : [main, ...access.filter((row) => row !== main)],
    gateway: gateway ?? null,
    content,
    changes: await changesOf(engine, call, surface),
  }
}

async function changesOf(engine: Engine, call: CallRow, surface: string) {
  const rows = await engine.rows(
    changeRow,
    `SELECT from_verdict, to_verdict, toUnixTimestamp64Milli(judged_at) AS judged_ms, reason FROM verdict_changes
     WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND call_key = {key:String} ORDER BY verdict_changes.judged_at`,
    { from: Date.parse(call.at) - dayMs, to: Date.parse(call.at) + dayMs, key: call.key },
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
