import { z } from 'zod'
import type { Engine } from '../engine.ts'
import { type TimeWindow, windowParams, withinWindow } from './time-window.ts'

const count = z.coerce.number()

const usageRowSchema = z.object({
  name: z.string(),
  detail: z.array(z.string()),
  calls: count,
  grave_calls: count,
  sum_input: count,
  sum_output: count,
  sum_cache_read: count,
  sum_cache_write: count,
  unmeasured: count,
  sum_cost: count,
  unpriced: count,
  first_at: count,
  last_at: count,
})

/** Calls and tokens under one name. `unmeasured` calls have no token count: they are missing from the sums. */
export interface UsageRow {
  readonly name: string
  readonly detail: readonly string[]
  readonly calls: number
  readonly grave: number
  readonly tokens: {
    readonly input: number
    readonly output: number
    readonly cacheRead: number
    readonly cacheWrite: number
  }
  readonly unmeasured: number
  /** Millionths of a US dollar, of the calls that have a cost; `unpriced` calls are missing from it. */
  readonly costMicroUsd: number
  readonly unpriced: number
  readonly firstAt: string
  readonly lastAt: string
}

/** By what usage can be added up, and what is listed beside it. A closed map: no name from outside enters the SQL. */
const groupings = {
  who: { name: "if(alias = '', principal_arn, alias)", detail: 'model' },
  model: { name: 'model', detail: "if(alias = '', principal_arn, alias)" },
  consumption: {
    name: "concat(if(team = '', '(no team)', team), ' / ', if(project = '', '(no project)', project))",
    detail: 'model',
  },
} as const
/** By what usage can be added up. */
export type UsageGrouping = keyof typeof groupings

/** Every call that went upstream, added up; the largest first. */
export async function sumUsage(
  engine: Engine,
  grouping: UsageGrouping,
  window: TimeWindow,
  grave: readonly string[],
  surface: string,
): Promise<readonly UsageRow[]> {
  const { name, detail } = groupings[grouping]
  const sql = `SELECT ${name} AS name, arraySort(groupUniqArray(20)(${detail})) AS detail, count() AS calls, countIf(verdict IN {grave:Array(String)}) AS grave_calls,
      sum(ifNull(tokens_input, 0)) AS sum_input, sum(ifNull(tokens_output, 0)) AS sum_output,
      sum(ifNull(tokens_cache_read, 0)) AS sum_cache_read, sum(ifNull(tokens_cache_write, 0)) AS sum_cache_write,
      countIf(isNull(tokens_input) AND isNull(tokens_output)) AS unmeasured,
      sum(ifNull(cost_micro_usd, 0)) AS sum_cost, countIf(isNull(cost_micro_usd)) AS unpriced,
      toUnixTimestamp64Milli(min(ts)) AS first_at, toUnixTimestamp64Milli(max(ts)) AS last_at
    FROM (SELECT ts, alias, principal_arn, model, team, project, verdict, tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, cost_micro_usd
      FROM v_calls WHERE ${withinWindow} AND verdict != 'refused')
    GROUP BY name ORDER BY calls DESC, name LIMIT 1000`
  const rows = await engine.rows(usageRowSchema, sql, { ...windowParams(window), grave }, { surface })
  return rows.map((row) => ({
    name: row.name,
    detail: row.detail,
    calls: row.calls,
    grave: row.grave_calls,
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
  }))
}
