/** Time of the account: milliseconds since the epoch. Held, it stands; released, it is the machine's. */
export class AccountClock {
  #held: number | undefined

  now(): number {
    return this.#held ?? Date.now()
  }

  set(at: number): void {
    this.#held = at
  }

  release(): void {
    this.#held = undefined
  }
}
