/** Time as an argument: milliseconds since the epoch, UTC. */
export interface Clock {
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** A clock that can be held at a moment; released, it is the machine's again. Only simulated runs hold it. */
export class HeldClock implements Clock {
  #held: number | undefined

  now(): number {
    return this.#held ?? Date.now()
  }

  hold(at: number): void {
    this.#held = at
  }

  release(): void {
    this.#held = undefined
  }
}
