import { z } from 'zod'
import { isVerdict, type Verdict, verdicts } from '../../../record/verdict.ts'
import type { Engine } from '../engine.ts'
import { type CallFilter, type CallSelection, whereOf, whoColumn } from './call-filters.ts'

const count = z.coerce.number()

/** What a list can be narrowed by, and the column that says it. */
const facetColumns = {
  verdict: 'verdict',
  person: whoColumn,
  model: 'model',
  team: 'team',
  project: 'project',
  operation: 'operation',
  account: 'account',
  region: 'region',
} as const satisfies Partial<Record<CallFilter, string>>
/** A facet. */
export type Facet = keyof typeof facetColumns

/** The values of a facet, most calls first, and how many more values there are. */
export interface FacetValues {
  readonly values: readonly { readonly value: string; readonly calls: number }[]
  readonly more: number
}

const facetRow = z.object({ value: z.string(), calls: count, distinct_values: count })
const mostValues = 50

/** Counts of one facet under every other filter. */
export async function countFacet(
  engine: Engine,
  selection: CallSelection,
  facet: Facet,
  surface: string,
): Promise<FacetValues> {
  const { where, params } = whereOf(selection, facet)
  const sql = `SELECT ${facetColumns[facet]} AS value, count() AS calls, count() OVER () AS distinct_values
    FROM v_calls WHERE ${where} GROUP BY value ORDER BY calls DESC, value LIMIT ${mostValues}`
  const rows = await engine.rows(facetRow, sql, params, { surface })
  return {
    values: rows.map(({ value, calls }) => ({ value, calls })),
    more: Math.max(0, (rows[0]?.distinct_values ?? 0) - rows.length),
  }
}

/** How many calls a selection holds. */
export async function countSelected(engine: Engine, selection: CallSelection, surface: string): Promise<number> {
  const { where, params } = whereOf(selection)
  const rows = await engine.rows(
    z.object({ calls: count }),
    `SELECT count() AS calls FROM v_calls WHERE ${where}`,
    params,
    {
      surface,
    },
  )
  return rows[0]?.calls ?? 0
}

/** A stretch of time, half-open, with its calls by verdict. */
export interface Bucket {
  readonly from: number
  readonly calls: Readonly<Partial<Record<Verdict, number>>>
}

const bucketSeconds = [1, 5, 10, 30, 60, 300, 900, 3600, 10_800, 21_600, 86_400, 604_800] as const

/** The width of a bucket so that a window has at most `most` of them, ms. */
export function bucketWidth(window: CallSelection['window'], most: number): number {
  const least = (window.until - window.since) / most
  return (bucketSeconds.find((seconds) => seconds * 1000 >= least) ?? 604_800) * 1000
}

/** Calls over time; buckets without calls are there too. */
export async function histogram(
  engine: Engine,
  selection: CallSelection,
  bucketMs: number,
  surface: string,
): Promise<readonly Bucket[]> {
  const { where, params } = whereOf(selection)
  const sql = `SELECT intDiv(toUnixTimestamp64Milli(v_calls.ts), {bucket:Int64}) AS bucket_number, verdict, count() AS calls
    FROM v_calls WHERE ${where} GROUP BY bucket_number, verdict`
  const row = z.object({ bucket_number: count, verdict: z.string(), calls: count })
  const found = new Map<number, Partial<Record<Verdict, number>>>()
  for await (const one of engine.query(row, sql, { ...params, bucket: bucketMs }, { surface })) {
    const calls = found.get(one.bucket_number) ?? {}
    if (isVerdict(one.verdict)) calls[one.verdict] = one.calls
    found.set(one.bucket_number, calls)
  }
  const { since, until } = selection.window
  const buckets: Bucket[] = []
  for (let at = Math.floor(since / bucketMs); at * bucketMs < until; at++)
    buckets.push({ from: at * bucketMs, calls: found.get(at) ?? {} })
  return buckets
}

/** Calls of one cause that somebody should look at. Times in ms. */
export interface AttentionGroup {
  readonly verdict: Verdict
  readonly cause: string
  readonly reason: string
  readonly who: string
  readonly account: string
  readonly region: string
  readonly calls: number
  readonly firstAt: number
  readonly lastAt: number
  readonly sample: string
}

const attentionRow = z.object({
  verdict: z.enum(verdicts),
  cause: z.string(),
  any_reason: z.string(),
  who: z.string(),
  account: z.string(),
  region: z.string(),
  calls: count,
  first_at: count,
  last_at: count,
  sample: z.string(),
})

/** Groups the calls of these verdicts by cause, gravest first. At most 200 groups. */
export async function groupByCause(
  engine: Engine,
  selection: CallSelection,
  surface: string,
): Promise<readonly AttentionGroup[]> {
  const { where, params } = whereOf(selection)
  const sql = `SELECT verdict, arrayElement(splitByChar(':', arrayFirst(f -> startsWith(f, concat(verdict, ':')), findings)), 2) AS cause,
      any(reason) AS any_reason, ${whoColumn} AS who, account, region, count() AS calls,
      toUnixTimestamp64Milli(min(v_calls.ts)) AS first_at, toUnixTimestamp64Milli(max(v_calls.ts)) AS last_at,
      argMax(call_key, v_calls.ts) AS sample
    FROM v_calls WHERE ${where} GROUP BY verdict, cause, who, account, region
    ORDER BY indexOf({order:Array(String)}, verdict), calls DESC LIMIT 200`
  const rows = await engine.rows(attentionRow, sql, { ...params, order: verdicts }, { surface })
  return rows.map(({ any_reason, first_at, last_at, ...row }) => ({
    ...row,
    reason: any_reason,
    firstAt: first_at,
    lastAt: last_at,
  }))
}
