import { z } from 'zod'
import type { Engine } from '../engine.ts'
import { type TimeWindow, windowParams, withinWindow } from './time-window.ts'

const reportRow = z
  .object({
    gateway: z.string(),
    calls: z.coerce.number(),
    with_request_id: z.coerce.number(),
    first_ms: z.coerce.number(),
    last_ms: z.coerce.number(),
  })
  .transform((row) => ({
    gateway: row.gateway,
    calls: row.calls,
    withRequestId: row.with_request_id,
    firstAt: new Date(row.first_ms).toISOString(),
    lastAt: new Date(row.last_ms).toISOString(),
  }))

/** What the log of another product's gateway says of a span of time. */
export type GatewayLogReport = z.infer<typeof reportRow>

/** Every such log with calls in a span, and how many of them name AWS's request id: only those can be held against AWS's records. */
export function gatewayLogsIn(
  engine: Engine,
  window: TimeWindow,
  surface: string,
): Promise<readonly GatewayLogReport[]> {
  const sql = `SELECT gateway, count() AS calls, countIf(aws_request_id != '') AS with_request_id,
      toUnixTimestamp64Milli(min(ts)) AS first_ms, toUnixTimestamp64Milli(max(ts)) AS last_ms
    FROM v_gateway_calls WHERE ${withinWindow} AND stretch != '' GROUP BY gateway ORDER BY gateway`
  return engine.rows(reportRow, sql, windowParams(window), { surface })
}
