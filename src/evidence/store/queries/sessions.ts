import { z } from 'zod'
import type { Engine } from '../engine.ts'
import { type CallSelection, whereOf, whoColumn } from './call-filters.ts'

const count = z.coerce.number()

const sessionRow = z
  .object({
    session: z.string(),
    who: z.string(),
    calls: count,
    grave_calls: count,
    content_calls: count,
    agents: count,
    models: z.array(z.string()),
    teams: z.array(z.string()),
    sum_input: count,
    sum_output: count,
    sum_cache_read: count,
    sum_cache_write: count,
    unmeasured: count,
    sum_cost: count,
    unpriced: count,
    first_at: count,
    last_at: count,
    any_simulated: count,
  })
  .transform((row) => ({
    session: row.session,
    who: row.who,
    calls: row.calls,
    grave: row.grave_calls,
    withContent: row.content_calls,
    agents: row.agents,
    models: row.models,
    teams: row.teams,
    tokens: {
      input: row.sum_input,
      output: row.sum_output,
      cacheRead: row.sum_cache_read,
      cacheWrite: row.sum_cache_write,
    },
    unmeasured: row.unmeasured,
    costMicroUsd: row.sum_cost,
    unpriced: row.unpriced,
    firstAt: new Date(row.first_at).toISOString(),
    lastAt: new Date(row.last_at).toISOString(),
    simulated: row.any_simulated === 1,
  }))

/** A client's session with what its calls add up to. Who and session together name it: anybody can claim another's session id. */
export type SessionRow = z.infer<typeof sessionRow>

/** Sessions with a call in the window, the one that spoke last first. */
export async function listSessions(
  engine: Engine,
  selection: CallSelection,
  grave: readonly string[],
  limit: number,
  surface: string,
): Promise<readonly SessionRow[]> {
  const { where, params } = whereOf(selection)
  const sql = `SELECT session_claim AS session, ${whoColumn} AS who, count() AS calls, countIf(verdict IN {grave:Array(String)}) AS grave_calls,
      countIf(seen_content = 1) AS content_calls, uniqExactIf(agent_claim, agent_claim != '') AS agents,
      arraySort(groupUniqArray(20)(model)) AS models, arraySort(groupUniqArrayIf(20)(team, team != '')) AS teams,
      sum(ifNull(tokens_input, 0)) AS sum_input, sum(ifNull(tokens_output, 0)) AS sum_output,
      sum(ifNull(tokens_cache_read, 0)) AS sum_cache_read, sum(ifNull(tokens_cache_write, 0)) AS sum_cache_write,
      countIf(isNull(tokens_input) AND isNull(tokens_output)) AS unmeasured,
      sum(ifNull(cost_micro_usd, 0)) AS sum_cost, countIf(isNull(cost_micro_usd)) AS unpriced,
      toUnixTimestamp64Milli(min(v_calls.ts)) AS first_at, toUnixTimestamp64Milli(max(v_calls.ts)) AS last_at, max(v_calls.simulated) AS any_simulated
    FROM v_calls WHERE ${where} AND session_claim NOT IN ('', 'malformed')
    GROUP BY session, who ORDER BY last_at DESC, session, who LIMIT {limit:UInt32}`
  return engine.rows(sessionRow, sql, { ...params, grave, limit }, { surface })
}

const spokenRow = z
  .object({
    call_key: z.string(),
    at: count,
    model: z.string(),
    agent: z.string(),
    owner: z.string(),
    input_state: z.string(),
    output_state: z.string(),
    input_ref: z.string(),
    output_ref: z.string(),
  })
  .transform((row) => ({
    key: row.call_key,
    at: new Date(row.at).toISOString(),
    model: row.model,
    agent: row.agent,
    owner: row.owner,
    input: { state: row.input_state, ref: row.input_ref },
    output: { state: row.output_state, ref: row.output_ref },
  }))

/** A call of a session, and where its bodies lie; the states are empty where the invocation log has no record of it. */
export type SpokenRow = z.infer<typeof spokenRow>

const dayMs = 86_400_000

/** The calls of a session in the order they were made, at most `limit`. */
export async function callsOfSession(
  engine: Engine,
  { session, who }: { readonly session: string; readonly who: string },
  limit: number,
  surface: string,
): Promise<readonly SpokenRow[]> {
  const own = `session_claim = {session:String} AND ${whoColumn} = {who:String}`
  const span = await engine.rows(
    z.object({ from: count, to: count, calls: count }),
    `SELECT toUnixTimestamp64Milli(min(v_calls.ts)) AS from, toUnixTimestamp64Milli(max(v_calls.ts)) AS to, count() AS calls FROM v_calls WHERE ${own}`,
    { session, who },
    { surface },
  )
  const { from = 0, to = 0, calls = 0 } = span[0] ?? {}
  if (calls === 0) return []
  const sql = `SELECT call_key, toUnixTimestamp64Milli(called.ts) AS at, called.model AS model, called.agent_claim AS agent, ifNull(logged.owner, '') AS owner,
      ifNull(logged.input_state, '') AS input_state, ifNull(logged.output_state, '') AS output_state,
      ifNull(logged.input_ref, '') AS input_ref, ifNull(logged.output_ref, '') AS output_ref
    FROM (SELECT call_key, ts, model, agent_claim, aws_request_id FROM v_calls
        WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND ${own}) AS called
      LEFT JOIN (SELECT request_id, owner, input_state, output_state, input_ref, output_ref FROM v_content_records
        WHERE ts >= fromUnixTimestamp64Milli({around_from:Int64}) AND ts <= fromUnixTimestamp64Milli({around_to:Int64})
        ORDER BY ts, row_in_file LIMIT 1 BY request_id) AS logged
      ON called.aws_request_id = logged.request_id
    ORDER BY called.ts, call_key LIMIT {limit:UInt32}`
  const params = { session, who, from, to, around_from: from - dayMs, around_to: to + dayMs, limit }
  return engine.rows(spokenRow, sql, params, { surface })
}
