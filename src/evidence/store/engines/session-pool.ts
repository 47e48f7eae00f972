import type { Session } from 'chdb'
import { TriptychError } from '../../../platform/triptych-error.ts'

/**
 * A few sessions for reads, one stream on each. A session whose stream failed is closed and never used again, so no
 * state of a failed query can meet the next one.
 */
export class SessionPool {
  readonly #open: () => Session
  readonly #free: Session[] = []
  readonly #waiting: ((session: Session) => void)[] = []
  #inUse = 0
  #closed = false
  #whenIdle: (() => void) | undefined
  readonly #size: number

  /** @param size how many streams may run at once */
  constructor(open: () => Session, size: number) {
    this.#open = open
    this.#size = size
  }

  /** A session of the caller's own until it is given back; waits while all are taken. */
  async take(): Promise<Session> {
    if (this.#closed) throw new TriptychError('STORE_UNAVAILABLE', { reason: 'closed' })
    if (this.#inUse >= this.#size) {
      return new Promise((resolve) => {
        this.#waiting.push(resolve)
      })
    }
    const session = this.#free.pop() ?? this.#open()
    this.#inUse++
    return session
  }

  /** Gives a session back; `sound` only when its stream ran to its end or was cancelled without error. */
  give(session: Session, sound: boolean): void {
    if (!sound) session.close()
    const next = this.#waiting.shift()
    if (next !== undefined) {
      next(sound ? session : this.#open())
      return
    }
    this.#inUse--
    if (sound && !this.#closed) this.#free.push(session)
    else if (sound) session.close()
    if (this.#inUse === 0) this.#whenIdle?.()
  }

  /** Refuses new takers, waits for those who read, closes every session. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#inUse > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    for (const session of this.#free.splice(0)) session.close()
  }
}
