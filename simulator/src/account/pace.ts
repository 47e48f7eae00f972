import type { AccountParts } from './parts.ts'

/** A number of milliseconds within bounds. */
export function between(parts: AccountParts, [low, high]: readonly [number, number]): number {
  return low + parts.random.next() * (high - low)
}

/** Waits; not at all for zero. */
export function sleep(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
}
