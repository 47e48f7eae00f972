import { type CallId, gatewayTagOf, timeOfCallId } from '../../record/call-id.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import type { JournalState } from './judge.ts'

/** A stretch of one journal that was read without a gap. Times in ms. */
export interface JournalMark {
  readonly source: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstAt: number
  readonly lastAt: number
}

/** A gateway that has said nothing for this long, although it beats while it lives, is taken for dead rather than slow. */
const silentAfterMs = 60_000

/** A call id is made this long, at most, before its intent is written: a stretch that ends in a hole says nothing of its last moments. */
const leadMs = 10_000

/**
 * Knows which moments of which gateway's journal have been read. A moment inside a stretch is complete; behind the last
 * stretch it is still awaited, until the gateway has been silent too long; between stretches, or before any, is a hole.
 */
export class JournalCoverage {
  readonly #stretches = new Map<string, JournalMark[]>()
  readonly #silentAfterMs: number

  constructor(marks: readonly JournalMark[], silentMs = silentAfterMs) {
    this.#silentAfterMs = silentMs
    for (const mark of marks.toSorted((a, b) => a.firstSeq - b.firstSeq)) this.#add(mark)
  }

  /** Whether the journal that a call id names is whole at the moment the id was made. */
  stateOf(callId: CallId, now: number): JournalState {
    const stretches = this.#stretches.get(gatewaySource(gatewayTagOf(callId)))
    const at = timeOfCallId(callId)
    const last = stretches?.at(-1)
    if (stretches === undefined || last === undefined) return now - at > this.#silentAfterMs ? 'hole' : 'behind'
    if (at > last.lastAt)
      return now - last.lastAt > this.#silentAfterMs && now - at > this.#silentAfterMs ? 'hole' : 'behind'
    return stretches.some(
      ({ firstAt, lastAt }) => at >= firstAt && at <= (lastAt === last.lastAt ? lastAt : lastAt - leadMs),
    )
      ? 'complete'
      : 'hole'
  }

  /** All stretches, by journal. */
  stretches(): ReadonlyMap<string, readonly JournalMark[]> {
    return this.#stretches
  }

  #add(mark: JournalMark): void {
    const list = this.#stretches.get(mark.source) ?? []
    const last = list.at(-1)
    // One that begins right behind another began there because the chain broke: they are not one.
    if (last !== undefined && mark.firstSeq <= last.lastSeq) {
      list[list.length - 1] = {
        ...last,
        lastSeq: Math.max(last.lastSeq, mark.lastSeq),
        lastAt: Math.max(last.lastAt, mark.lastAt),
      }
    } else list.push(mark)
    this.#stretches.set(mark.source, list)
  }
}
