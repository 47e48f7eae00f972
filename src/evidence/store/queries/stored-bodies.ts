import { z } from 'zod'
import type { Engine } from '../engine.ts'
import type { CallRow } from './list-calls.ts'

/** Where a body of a call lies in the vault; an empty `ref`: it is not kept, and `state` says why. */
export interface StoredBody {
  readonly part: 'input' | 'output'
  readonly state: string
  readonly bytes: number
  readonly ref: string
  /** Under whose key. */
  readonly owner: string
}

const row = z.object({
  owner: z.string(),
  input_state: z.string(),
  output_state: z.string(),
  input_bytes: z.coerce.number(),
  output_bytes: z.coerce.number(),
  input_ref: z.string(),
  output_ref: z.string(),
})
const dayMs = 86_400_000

/** The bodies of the invocation record that was compared. */
export async function bodiesOf(engine: Engine, call: CallRow, surface: string): Promise<readonly StoredBody[]> {
  const sql = `SELECT owner, input_state, output_state, input_bytes, output_bytes, input_ref, output_ref FROM v_content_records
    WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND request_id = {request:String}
    ORDER BY ts, row_in_file LIMIT 1`
  const at = Date.parse(call.at)
  const params = { from: at - dayMs, to: at + dayMs, request: call.awsRequestId }
  const found = (await engine.rows(row, sql, params, { surface }))[0]
  if (found === undefined || call.awsRequestId === '') return []
  const { owner } = found
  return [
    { part: 'input', state: found.input_state, bytes: found.input_bytes, ref: found.input_ref, owner },
    { part: 'output', state: found.output_state, bytes: found.output_bytes, ref: found.output_ref, owner },
  ]
}
