/** The span of time that every list has. Times in ms since the epoch, `until` exclusive. */
export interface TimeWindow {
  readonly since: number
  readonly until: number
}

/** The condition on `ts`, and its bound values. */
export const withinWindow =
  'ts >= fromUnixTimestamp64Milli({since:Int64}) AND ts < fromUnixTimestamp64Milli({until:Int64})'

/** Values for `withinWindow`. */
export function windowParams(window: TimeWindow): { readonly since: number; readonly until: number } {
  return { since: Math.floor(window.since), until: Math.ceil(window.until) }
}
