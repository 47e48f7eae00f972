import type { FaultKind } from './fault.ts'

/** Two lists that ought to be the same, by hash, from the same place on. */
export interface Lists {
  readonly expected: readonly string[]
  readonly actual: readonly string[]
  /** Whether nothing stands behind them. */
  readonly atEnd: boolean
}

/** What happened to `actual`, at which position; undefined when both are the same. One change is named for what it is. */
export function nameDifference({
  expected,
  actual,
  atEnd,
}: Lists): { readonly kind: FaultKind; readonly at: number } | undefined {
  const longest = Math.max(expected.length, actual.length)
  let at = 0
  while (at < longest && expected[at] === actual[at]) at++
  if (at === longest) return undefined
  const found = actual[at]
  if (found === undefined) return { kind: atEnd ? 'truncated' : 'missing', at }
  const grown = atEnd ? actual.length > expected.length : true
  const shrunk = atEnd ? actual.length < expected.length : true
  if (shrunk && overlapEqual(actual, at, expected, at + 1)) return { kind: 'missing', at }
  if (grown && overlapEqual(actual, at + 1, expected, at))
    return { kind: expected.includes(found) ? 'repeated' : 'inserted', at }
  const moved = expected.includes(found) && actual.includes(expected[at] ?? '')
  return { kind: moved ? 'reordered' : 'altered', at }
}

function overlapEqual(a: readonly string[], fromA: number, b: readonly string[], fromB: number): boolean {
  const length = Math.min(a.length - fromA, b.length - fromB)
  for (let i = 0; i < length; i++) if (a[fromA + i] !== b[fromB + i]) return false
  return true
}
