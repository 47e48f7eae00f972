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

const facetRow = z.object({ facet: z.string(), value: z.string(), calls: count, distinct_values: count })
const mostValues = 50
const facetNames: readonly Facet[] = Object.keys(facetColumns).filter(isFacet)

function isFacet(name: string): name is Facet {
  return Object.hasOwn(facetColumns, name)
}

/** Counts of every facet, each under every other filter: those without a selection of their own share one reading. */
export async function countFacets(
  engine: Engine,
  selection: CallSelection,
  surface: string,
): Promise<Readonly<Record<Facet, FacetValues>>> {
  const own = facetNames.filter((name) => selection.filters[name] !== undefined)
  const others = facetNames.filter((name) => selection.filters[name] === undefined)
  const counted = await Promise.all([
    countTogether(engine, selection, others, surface),
    ...own.map((name) => countTogether(engine, without(selection, name), [name], surface)),
  ])
  const found = new Map(counted.flatMap((part) => [...part]))
  const of = (name: Facet) => found.get(name) ?? { values: [], more: 0 }
  return {
    verdict: of('verdict'),
    person: of('person'),
    model: of('model'),
    team: of('team'),
    project: of('project'),
    operation: of('operation'),
    account: of('account'),
    region: of('region'),
  }
}

function without(selection: CallSelection, name: Facet): CallSelection {
  const { [name]: _own, ...filters } = selection.filters
  return { ...selection, filters }
}

async function countTogether(
  engine: Engine,
  selection: CallSelection,
  facets: readonly Facet[],
  surface: string,
): Promise<ReadonlyMap<Facet, FacetValues>> {
  const found = new Map<Facet, FacetValues>()
  if (facets.length === 0) return found
  const { where, params } = whereOf(selection)
  const columns = facets.map((name) => `toString(${facetColumns[name]}) AS f_${name}`)
  // In a grouping set the columns of the others are empty: which one a row is of is told by its place among the sets.
  const facetOf = `arrayElement({facets:Array(String)}, indexOf([${facets.map((name) => `grouping(f_${name})`).join(', ')}], 0))`
  const said = `multiIf(${facets.map((name) => `grouping(f_${name}) = 0, f_${name}`).join(', ')}, '')`
  const sql = `SELECT facet, value, calls, distinct_values FROM (
      SELECT ${facetOf} AS facet, ${said} AS value, count() AS calls, count() OVER (PARTITION BY facet) AS distinct_values,
        row_number() OVER (PARTITION BY facet ORDER BY calls DESC, value) AS place
      FROM (SELECT ${columns.join(', ')} FROM v_calls WHERE ${where})
      GROUP BY GROUPING SETS (${facets.map((name) => `(f_${name})`).join(', ')}))
    WHERE place <= ${mostValues} ORDER BY facet, place`
  for (const row of await engine.rows(facetRow, sql, { ...params, facets }, { surface })) {
    if (!isFacet(row.facet)) continue
    const before = found.get(row.facet)?.values ?? []
    const values = [...before, { value: row.value, calls: row.calls }]
    found.set(row.facet, { values, more: Math.max(0, row.distinct_values - values.length) })
  }
  return found
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
  const weekMs = 604_800_000
  const nice = bucketSeconds.find((seconds) => seconds * 1000 >= least)
  return nice === undefined ? Math.ceil(least / weekMs) * weekMs : nice * 1000
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
  /** The code of the finding that decided it: `bypass:bearer_key`, `journal_hole`. */
  readonly finding: string
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
  finding: z.string(),
  any_reason: z.string(),
  who: z.string(),
  account: z.string(),
  region: z.string(),
  calls: count,
  first_at: count,
  last_at: count,
  sample: z.string(),
})

/** Verdicts that follow from one finding of another name. */
const decidedBy: Readonly<Partial<Record<Verdict, string>>> = {
  mismatch: 'call_id_repeated',
  lost: 'journal_hole',
  unlogged: 'missing:access',
  content_missing: 'missing:content',
  content_unexpected: 'content_unexpected',
}
/** A finding that begins with the verdict's own name (`bypass:…`, `mismatch:…`) comes first. */
const decidingFinding = `if(arrayExists(f -> startsWith(f, concat(verdict, ':')), findings), arrayFirst(f -> startsWith(f, concat(verdict, ':')), findings),
        multiIf(${Object.entries(decidedBy)
          .map(([verdict, finding]) => `verdict = '${verdict}' AND has(findings, '${finding}'), '${finding}'`)
          .join(', ')}, ''))`

/** Groups the calls of these verdicts by cause, gravest first. At most 200 groups. */
export async function groupByCause(
  engine: Engine,
  selection: CallSelection,
  surface: string,
): Promise<readonly AttentionGroup[]> {
  const { where, params } = whereOf(selection)
  const sql = `SELECT verdict, ${decidingFinding} AS finding,
      any(reason) AS any_reason, ${whoColumn} AS who, account, region, count() AS calls,
      toUnixTimestamp64Milli(min(v_calls.ts)) AS first_at, toUnixTimestamp64Milli(max(v_calls.ts)) AS last_at,
      argMax(call_key, v_calls.ts) AS sample
    FROM v_calls WHERE ${where} GROUP BY verdict, finding, who, account, region
    ORDER BY indexOf({order:Array(String)}, verdict), calls DESC LIMIT 200`
  const rows = await engine.rows(attentionRow, sql, { ...params, order: verdicts }, { surface })
  return rows.map(({ any_reason, first_at, last_at, ...row }) => ({
    ...row,
    reason: any_reason,
    firstAt: first_at,
    lastAt: last_at,
  }))
}
