import { type CallRow, callsJudgedSince } from '../../evidence/store/queries/list-calls.ts'
import type { HubServices } from '../hub-services.ts'

/** A verdict may change until its window is final, a day after the call by default. */
const windowMs = 3 * 86_400_000
const pageRows = 500
/** Whoever was away for longer reads the list anew. */
const longestGapMs = 15 * 60_000

/** A judged call as an event. */
export interface LiveCall {
  readonly id: string
  readonly data: string
}

/** What is new since the last look. An id is the moment of a judgement and the key of the call. */
export class LiveFeed {
  /** What was given back as the last id is too long ago to catch up with. */
  readonly isTooOld: boolean
  readonly #hub: HubServices
  #after: number
  /** Keys given of the moment `#after`. */
  #given = new Set<string>()

  constructor(hub: HubServices, lastEventId: string | undefined) {
    this.#hub = hub
    const [, at, key] = /^(\d{1,15})\.([A-Za-z0-9-]{1,128})$/.exec(lastEventId ?? '') ?? []
    const now = hub.clock.now()
    this.isTooOld = at !== undefined && Number(at) < now - longestGapMs
    this.#after = at === undefined || this.isTooOld ? now : Number(at)
    if (key !== undefined && !this.isTooOld) this.#given.add(key)
  }

  /** Page by page, from the beginning of the last moment: a run may still be writing rows of it. */
  async *fresh(): AsyncGenerator<LiveCall> {
    const now = this.#hub.clock.now()
    const window = { since: now - windowMs, until: now + windowMs }
    let from = { at: this.#after, key: '' }
    for (;;) {
      const rows = await callsJudgedSince(this.#hub.engine, from, window, pageRows)
      for (const row of rows)
        if (this.#isNew(row)) yield { id: `${Date.parse(row.judgedAt)}.${row.key}`, data: JSON.stringify(row) }
      const last = rows.at(-1)
      if (last === undefined || rows.length < pageRows) return
      from = { at: Date.parse(last.judgedAt), key: last.key }
    }
  }

  #isNew(row: CallRow): boolean {
    const judgedAt = Date.parse(row.judgedAt)
    if (judgedAt === this.#after && this.#given.has(row.key)) return false
    if (judgedAt > this.#after) {
      this.#after = judgedAt
      this.#given = new Set()
    }
    this.#given.add(row.key)
    return true
  }
}
