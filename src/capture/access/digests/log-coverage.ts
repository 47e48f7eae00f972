import type { ObjectSource, SourceObject } from '../../../platform/objects/object-source.ts'
import { parseDeliveredName } from './delivered-name.ts'

/** A log file that no digest names. */
export interface Undigested {
  readonly key: string
  /** Delivery, to the minute, ms. */
  readonly at: number
}

const dayMs = 86_400_000
/** Kept one by one up to here; of more the rest is only counted. */
const mostKept = 100_000

/**
 * Holds the log files that lie there against those that digests name. Both come in the order of time, so of the names only the
 * last days are held.
 */
export class LogCoverage {
  readonly #objects: AsyncIterator<SourceObject>
  readonly #from: number
  readonly #named = new Map<string, string>()
  #next: { readonly key: string; readonly at: number } | undefined
  #over = false
  readonly undigested: Undigested[] = []
  /** Undigested ones beyond those that are kept. */
  more = 0
  /** All log files that were listed. */
  listed = 0
  /** Objects that are none. */
  others = 0
  firstOther = ''

  /** @param from delivered before (ms) does not count */
  constructor(source: ObjectSource, folder: string | undefined, from: number | undefined) {
    this.#from = from ?? Number.NEGATIVE_INFINITY
    const after = from === undefined ? undefined : `${folder ?? ''}${dayOf(from - dayMs)}`
    this.#objects = folder === undefined ? emptyIterator : source.list(after, folder)[Symbol.asyncIterator]()
  }

  name(key: string, hash: string): void {
    this.#named.set(key, hash)
  }

  /** A named log file whose content has this hash, other than the one asked about. */
  holderOf(hash: string, notKey: string): string | undefined {
    for (const [key, named] of this.#named) if (named === hash && key !== notKey) return key
    return undefined
  }

  /** Looks at the log files delivered up to a moment (ms): whoever names them has been heard by then. */
  async advance(until: number): Promise<void> {
    while (!this.#over) {
      this.#next ??= await this.#read()
      if (this.#next === undefined) return
      if (this.#next.at > until) return
      this.#settle(this.#next)
      this.#next = undefined
    }
  }

  /** Stops listing. */
  async close(): Promise<void> {
    await this.#objects.return?.()
  }

  #settle({ key, at }: Undigested): void {
    this.listed += 1
    if (this.#named.delete(key) || at < this.#from) return
    if (this.undigested.length < mostKept) this.undigested.push({ key, at })
    else this.more += 1
  }

  async #read(): Promise<Undigested | undefined> {
    for (;;) {
      const next = await this.#objects.next()
      if (next.done === true) {
        this.#over = true
        return undefined
      }
      const { key } = next.value
      const name = parseDeliveredName(key)
      if (name?.kind === 'log') return { key, at: name.at }
      if (key.endsWith('.metadata.json')) continue
      this.others += 1
      this.firstOther ||= key
    }
  }
}

/** `2026/11/24/`, as a folder of CloudTrail's layout. */
export function dayOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')}/`
}

const emptyIterator: AsyncIterator<SourceObject> = {
  next: async () => ({ done: true, value: undefined }),
}
