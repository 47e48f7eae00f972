/** How many refusals of callers that nobody knows get a record of their own, per second. */
const mostPerSecond = 20
/** A credential that was refused is recorded again only after this; in between it is counted. */
const oncePerMs = 60_000
const mostCredentials = 1_000

/** The same credential, refused again and again for one reason. */
export interface RepeatedRefusals {
  readonly credential: string
  readonly code: string
  readonly count: number
  /** ms */
  readonly from: number
  readonly to: number
}

interface Seen {
  readonly credential: string
  readonly code: string
  recordedAt: number
  count: number
  from: number
  to: number
}

/**
 * Whoever is refused must not be able to fill the disk: a client sends the same wrong token with 85 KB again and again. The first
 * refusal of a credential is recorded, those that follow within a minute are counted under it; beyond a bound all are only counted.
 */
export class RefusalLimit {
  #second = 0
  #inSecond = 0
  #beyond = 0
  readonly #seen = new Map<string, Seen>()

  /** Whether a refusal at `now` (ms) may be recorded; when not, it is counted. `credential` is a keyed hash, or empty. */
  admits(now: number, credential: string, code: string): boolean {
    const key = `${code} ${credential}`
    const before = credential === '' ? undefined : this.#seen.get(key)
    if (before !== undefined && now - before.recordedAt < oncePerMs) {
      if (before.count === 0) before.from = now
      before.count += 1
      before.to = now
      return false
    }
    if (!this.#withinSecond(now)) return false
    if (credential !== '')
      this.#remember(key, { credential, code, recordedAt: now, count: 0, from: now, to: now }, before)
    return true
  }

  /** How many were counted without their credential since the count was last settled. */
  get beyond(): number {
    return this.#beyond
  }

  /** Takes off what a durable record now says. */
  settle(count: number): void {
    this.#beyond -= count
  }

  /** What was counted by credential since the last time; a record has to say it. */
  takeRepeated(now: number): readonly RepeatedRefusals[] {
    const repeated: RepeatedRefusals[] = []
    for (const [key, seen] of this.#seen) {
      const { credential, code, count, from, to } = seen
      if (count > 0) repeated.push({ credential, code, count, from, to })
      seen.count = 0
      if (now - seen.recordedAt >= oncePerMs) this.#seen.delete(key)
    }
    return repeated
  }

  #withinSecond(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#inSecond = 0
    }
    this.#inSecond += 1
    if (this.#inSecond <= mostPerSecond) return true
    this.#beyond += 1
    return false
  }

  #remember(key: string, seen: Seen, before: Seen | undefined): void {
    // What was counted under the record before is still owed.
    if (before !== undefined) this.#seen.set(key, { ...seen, count: before.count, from: before.from, to: before.to })
    else if (this.#seen.size < mostCredentials) this.#seen.set(key, seen)
  }
}
