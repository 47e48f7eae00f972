/** How many refusals of callers that nobody knows get a record of their own, per second. */
const mostPerSecond = 20

/** Whoever sends without a credential must not be able to fill the disk: beyond a bound such refusals are counted only. */
export class RefusalLimit {
  #second = 0
  #inSecond = 0
  #beyond = 0

  /** Whether a refusal at `now` (ms) may be recorded; when not, it is counted. */
  admits(now: number): boolean {
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

  /** How many were counted since the count was last settled. */
  get beyond(): number {
    return this.#beyond
  }

  /** Takes off what a durable record now says. */
  settle(count: number): void {
    this.#beyond -= count
  }
}
