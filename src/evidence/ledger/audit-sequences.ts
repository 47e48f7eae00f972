import type { LedgerEntry } from './entry.ts'
import type { Fault } from './fault.ts'

interface SourceState {
  last: number
  /** Numbers that were stepped over: first, how many, and the entry behind them. */
  gaps: { first: number; last: number; index: number }[]
}

/** Holds the numbers of every source against each other: 1, 2, 3 …, each once. Needs nothing but the entries. */
export class SequenceAudit {
  readonly #sources = new Map<string, SourceState>()
  readonly #faults: Fault[] = []

  add(index: number, { source, seq }: LedgerEntry): void {
    const state = this.#sources.get(source) ?? { last: 0, gaps: [] }
    this.#sources.set(source, state)
    if (seq > state.last) {
      if (seq > state.last + 1) state.gaps.push({ first: state.last + 1, last: seq - 1, index })
      state.last = seq
    } else this.#late(state, index, source, seq)
  }

  /** The last number of each source. */
  lastSeq(source: string): number {
    return this.#sources.get(source)?.last ?? 0
  }

  sources(): readonly string[] {
    return [...this.#sources.keys()]
  }

  faults(): readonly Fault[] {
    const missing = [...this.#sources].flatMap(([source, { gaps }]) => gaps.map((gap) => missingFault(source, gap)))
    return [...this.#faults, ...missing]
  }

  /** A number that comes behind a later one was moved if it is missed before, else it stands twice. */
  #late(state: SourceState, index: number, source: string, seq: number): void {
    const gap = state.gaps.find(({ first, last }) => first <= seq && seq <= last)
    const kind = gap === undefined ? 'repeated' : 'reordered'
    this.#faults.push({
      kind,
      says: `entry ${index} is ${kind}: ${source} ${seq} comes after ${source} ${state.last}`,
      index,
      source,
      seq,
    })
    if (gap === undefined) return
    const parts = [
      { ...gap, last: seq - 1 },
      { ...gap, first: seq + 1 },
    ]
    state.gaps.splice(state.gaps.indexOf(gap), 1, ...parts.filter(({ first, last }) => first <= last))
  }
}

function missingFault(source: string, gap: { first: number; last: number; index: number }): Fault {
  const which = gap.first === gap.last ? `record ${gap.first}` : `records ${gap.first} to ${gap.last}`
  return {
    kind: 'missing',
    says: `${which} of ${source} are missing from the ledger: its entry ${gap.index} steps over them`,
    index: gap.index,
    source,
    seq: gap.first,
  }
}
