// The one source of time of the simulated account, so that a whole day can be played in seconds.

/** Milliseconds since the Unix epoch. */
export interface Clock {
  now(): number
}

/** A clock that can be held at a moment; released, it follows the machine's time. */
export class SettableClock implements Clock {
  #heldAt: number | undefined

  /** Holds the clock at `ms` since the Unix epoch. */
  set(ms: number): void {
    this.#heldAt = ms
  }

  /** Lets the clock follow the machine's time again. */
  release(): void {
    this.#heldAt = undefined
  }

  now(): number {
    return this.#heldAt ?? Date.now()
  }
}

/** `YYYY-MM-DDTHH:MM:SSZ`, the second-resolution form of CloudTrail and invocation logs. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** `YYYYMMDDTHHMMSSZ`, the form of X-Amz-Date and of file names. */
export function compactSeconds(ms: number): string {
  return isoSeconds(ms).replaceAll(/[-:]/g, '')
}

/** Milliseconds of an X-Amz-Date value, or undefined when it has another form. */
export function parseCompact(text: string): number | undefined {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (m === null) return undefined
  const ms = Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** `YYYY/MM/DD` in UTC, the folder form of CloudTrail and invocation-log keys. */
export function datePath(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '/')
}
