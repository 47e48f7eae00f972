/** What is counted, and over which stretch of time. */
export const windows = {
  minute: { seconds: 60 },
  day: { seconds: 86_400 },
  month: { seconds: 31 * 86_400 },
  /** Calls that run: a count that a lost process never gave back ends by itself. */
  running: { seconds: 3_600 },
} as const
/** One of them. */
export type CountWindow = keyof typeof windows

/** A count as it stands. */
export interface Count {
  readonly used: number
  /** When its window is over, ms from now. */
  readonly endsInMs: number
}

/** Counts by key. Throws LIMITS_UNAVAILABLE when the store that holds them is away. */
export interface Counters {
  read(window: CountWindow, key: string): Promise<Count>
  /** Adds, or with a negative amount gives back, and says what it came to. */
  add(window: CountWindow, key: string, amount: number): Promise<Count>
  close(): Promise<void>
}
