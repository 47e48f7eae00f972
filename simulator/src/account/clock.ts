/** So long after a jump (ms of the machine's clock) whoever was told of it may still stand where the clock stood. */
const graceMs = 10_000

/** Time of the account: milliseconds since the epoch. Held, it stands; released, it is the machine's. */
export class AccountClock {
  #held: number | undefined
  #left: { readonly at: number; readonly since: number } | undefined

  now(): number {
    return this.#held ?? Date.now()
  }

  set(at: number): void {
    this.#leave()
    this.#held = at
  }

  release(): void {
    if (this.#held !== undefined) this.#leave()
    this.#held = undefined
  }

  /** Now, and for a while after a jump of a held clock the moment it stood at: a request may have been signed there. */
  signedAt(): readonly number[] {
    const left = this.#left
    return left !== undefined && Date.now() - left.since < graceMs ? [this.now(), left.at] : [this.now()]
  }

  #leave(): void {
    if (this.#held !== undefined) this.#left = { at: this.#held, since: Date.now() }
  }
}
