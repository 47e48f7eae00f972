import type { HistogramAnswer } from '../../../src/app/api/schema/call.ts'
import { countByGroup, type VerdictGroup, verdictGroups } from '../verdict/verdict-table.ts'

/** From the ground up: what is proven carries the rest. */
export const stackOrder: readonly VerdictGroup[] = [...verdictGroups].reverse()

/** A histogram as a chart draws it: seconds, and for each group the height of its upper edge. */
export function stackOf(answer: HistogramAnswer): { readonly seconds: number[]; readonly edges: number[][] } {
  const seconds = answer.buckets.map(({ from }) => Date.parse(from) / 1000)
  const counts = answer.buckets.map(({ calls }) => countByGroup(calls))
  const edges: number[][] = []
  for (const group of stackOrder) {
    const below = edges.at(-1)
    edges.push(counts.map((count, i) => count[group] + (below?.[i] ?? 0)))
  }
  return { seconds, edges }
}

/** A stretch in whole buckets, whichever way it was drawn. Times in ms. */
export function snapToBuckets(
  one: number,
  other: number,
  bucketMs: number,
): { readonly since: number; readonly until: number } {
  const [from, to] = one <= other ? [one, other] : [other, one]
  const since = Math.floor(from / bucketMs) * bucketMs
  return { since, until: Math.max(Math.ceil(to / bucketMs) * bucketMs, since + bucketMs) }
}
