/** Consecutive pieces of a shelf: a conversation's next body repeats those of the one before, so its list is a few of these. */
export interface PieceRun {
  readonly first: number
  readonly count: number
}

/** Piece numbers in their order, as runs. */
export function runsOf(numbers: Iterable<number>): readonly PieceRun[] {
  const runs: { first: number; count: number }[] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && number === last.first + last.count) last.count += 1
    else runs.push({ first: number, count: 1 })
  }
  return runs
}

/** Unsigned LEB128: first and count of each run. */
export function encodeRuns(runs: readonly PieceRun[]): Buffer {
  const bytes: number[] = []
  for (const { first, count } of runs) {
    pushVarint(bytes, first)
    pushVarint(bytes, count)
  }
  return Buffer.from(bytes)
}

/** The runs that `encodeRuns` wrote; undefined for other bytes. */
export function decodeRuns(bytes: Uint8Array): readonly PieceRun[] | undefined {
  const numbers: number[] = []
  let value = 0
  let factor = 1
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor
    factor *= 128
    if (byte >= 0x80) {
      if (factor > Number.MAX_SAFE_INTEGER) return undefined
      continue
    }
    numbers.push(value)
    value = 0
    factor = 1
  }
  if (factor !== 1 || numbers.length % 2 !== 0) return undefined
  const runs: PieceRun[] = []
  for (let at = 0; at < numbers.length; at += 2) runs.push({ first: numbers[at] ?? 0, count: numbers[at + 1] ?? 0 })
  return runs
}

function pushVarint(bytes: number[], value: number): void {
  let left = value
  while (left >= 128) {
    bytes.push((left % 128) | 0x80)
    left = Math.floor(left / 128)
  }
  bytes.push(left)
}
