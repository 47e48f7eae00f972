import { z } from 'zod'
import type { Finding } from '../../record/finding.ts'
import type { Engine } from '../store/engine.ts'
import type { CallKeys } from './gather.ts'

/** A stretch of a log that was read without a gap, from its first record to its last. Times in ms. */
interface Stretch {
  readonly from: number
  readonly to: number
  /** Whether any record names AWS's request id, of a call that was answered and of one that failed. */
  readonly namesAnswered: boolean
  readonly namesFailed: boolean
  /** Around these calls, the spans of ten minutes with a record that names none: one of those records may be the call. */
  readonly unnamed: ReadonlySet<number>
}

/** What is known of another product's gateway from its own log. */
export interface ForeignCoverage {
  readonly gateway: string
  /** Its log is read as it grows: what it does not say yet it may still say. */
  readonly followed: boolean
  readonly stretches: readonly Stretch[]
}

/**
 * Why nobody can say yet, or at all, that no such gateway sent a call; undefined when each of them can say it and none names it.
 * Rather than accuse, a gap in the logs counts as not read, and a log without AWS's request ids can deny nothing.
 */
export function foreignOrigin(
  gateways: readonly ForeignCoverage[],
  call: { readonly at: number; readonly failed: boolean },
  now: number,
  windowMs: number,
): Finding | undefined {
  const names = (stretch: Stretch) => (call.failed ? stretch.namesFailed : stretch.namesAnswered)
  const tenMinutes = Math.floor(call.at / tenMinutesMs)
  const mayBe = ({ unnamed }: Stretch) => [-1, 0, 1].some((step) => unnamed.has(tenMinutes + step))
  for (const { gateway, followed, stretches } of gateways) {
    const read = stretches.filter(({ from, to }) => call.at > from - secondMs && call.at <= to)
    if (read.some(names) && !read.some(mayBe)) continue
    if (read.length > 0 || !stretches.some(names)) return { kind: 'gateway_cannot_say', gateway }
    return followed && now < call.at + windowMs
      ? { kind: 'awaited', layer: 'gateway' }
      : { kind: 'gateway_log_absent', gateway }
  }
  return undefined
}

/** AWS stamps whole seconds: a call may be younger than it says. */
const secondMs = 1000
const tenMinutesMs = 600_000

const spanRow = z
  .object({
    gateway: z.string(),
    from_ms: z.coerce.number(),
    to_ms: z.coerce.number(),
    answered: z.coerce.number(),
    failed: z.coerce.number(),
    unnamed: z.array(z.coerce.number()),
  })
  .transform((row) => ({
    gateway: row.gateway,
    from: row.from_ms,
    to: row.to_ms,
    namesAnswered: row.answered > 0,
    namesFailed: row.failed > 0,
    unnamed: new Set(row.unnamed),
  }))

/** How far around these calls a gateway's log is looked for, ms: one that was never heard of there is no gateway of theirs. */
const aroundMs = 31 * 86_400_000

/** Reads which stretches of which logs stand around some calls. */
export async function loadForeignCoverage(
  engine: Engine,
  keys: Pick<CallKeys, 'from' | 'to'>,
  readUntil: (gateway: string) => number,
): Promise<readonly ForeignCoverage[]> {
  if (!Number.isFinite(keys.from) || !(await hasLogs(engine))) return []
  const rows = await engine.rows(
    spanRow,
    `SELECT gateway, toUnixTimestamp64Milli(min(ts)) AS from_ms, toUnixTimestamp64Milli(max(ifNull(ended_at, ts))) AS to_ms,
       countIf(aws_request_id != '' AND result IN ('success', '')) AS answered,
       countIf(aws_request_id != '' AND result NOT IN ('success', '')) AS failed,
       groupUniqArrayIf(intDiv(toUnixTimestamp64Milli(ts), {ten:Int64}), aws_request_id = ''
         AND ts >= fromUnixTimestamp64Milli({near_from:Int64}) AND ts <= fromUnixTimestamp64Milli({near_to:Int64})) AS unnamed
     FROM gateway_calls
     WHERE stretch != '' AND ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})
     GROUP BY gateway, stretch ORDER BY gateway, from_ms`,
    {
      from: Math.floor(keys.from - aroundMs),
      to: Math.ceil(keys.to + aroundMs),
      near_from: Math.floor(keys.from - 2 * tenMinutesMs),
      near_to: Math.ceil(keys.to + 2 * tenMinutesMs),
      ten: tenMinutesMs,
    },
    { surface: 'corroborate.foreign' },
  )
  return [...new Set(rows.map((row) => row.gateway))].map((gateway) => ({
    gateway,
    followed: Number.isFinite(readUntil(gateway)),
    stretches: withReadUntil(
      rows.filter((row) => row.gateway === gateway),
      readUntil(gateway),
    ),
  }))
}

/** Most companies have one gateway, ours: then nothing is looked for among its calls. */
async function hasLogs(engine: Engine): Promise<boolean> {
  const sql = `SELECT file_id FROM source_files WHERE kind = 'gateway-log' LIMIT 1`
  return (await engine.rows(z.object({ file_id: z.string() }), sql, {}, { surface: 'corroborate.foreign' })).length > 0
}

/** A log that is read as it grows reaches up to the last look at it, whether or not anything was written since. */
function withReadUntil(stretches: readonly Stretch[], readUntil: number): readonly Stretch[] {
  const last = stretches.toSorted((a, b) => a.to - b.to).at(-1)
  if (last === undefined || readUntil <= last.to) return stretches
  return stretches.map((stretch) => (stretch === last ? { ...stretch, to: readUntil } : stretch))
}
