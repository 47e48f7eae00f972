import type { EndedCall } from '../call-journal.ts'

/** What is refused, by what may be said of it aloud. */
export interface RefusedCall {
  readonly call: string
  readonly code: string
  readonly httpStatus: number
  readonly operation: string
  readonly dialect: string
}

/** Hears what happens; nothing it gets leads to a person or to what was said. It must not throw and must be quick. */
export interface Observer {
  /** A request came that may become a call. */
  began(): void
  ended(outcome: EndedCall): void
  refused(refusal: RefusedCall): void
  /** A request for a list, a probe, or a path that is not served, with what it was answered. */
  plain(kind: string, status: number): void
}

/** Tells all of them. */
export function observeBy(observers: readonly Observer[]): Observer {
  const each = (tell: (one: Observer) => void) => {
    for (const one of observers) tell(one)
  }
  return {
    began: () => each((one) => one.began()),
    ended: (outcome) => each((one) => one.ended(outcome)),
    refused: (refusal) => each((one) => one.refused(refusal)),
    plain: (kind, status) => each((one) => one.plain(kind, status)),
  }
}
