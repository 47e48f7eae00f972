import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readLines } from './lines.ts'

const entrySchema = z.object({
  dueAt: z.number(),
  /** `bucket/prefix` of the destination as it was when the record was written; absent where there is only one. */
  to: z.string().optional(),
  record: z.record(z.string(), z.unknown()),
  extra: z.record(z.string(), z.string()).optional(),
})
/** A record on its way to its file. `extra` are objects of their own, by key, as base64. */
export type Buffered = z.infer<typeof entrySchema>

/** Records that AWS has written and not delivered yet; they survive a restart. */
export class LogBuffer {
  readonly #path: string
  #entries: Buffered[]

  constructor(dir: string, name: string) {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    this.#path = join(dir, `${name}.ndjson`)
    this.#entries = [...readLines(this.#path, entrySchema)]
  }

  add(entry: Buffered): void {
    this.#entries.push(entry)
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /**
   * Hands over what is due at `now`, and forgets it only when that has returned: a process that dies in between delivers
   * it again, which AWS does too.
   */
  handOver(now: number, to: (due: readonly Buffered[]) => void): void {
    const due = this.#entries.filter((entry) => entry.dueAt <= now)
    if (due.length === 0) return
    to(due)
    this.#entries = this.#entries.filter((entry) => entry.dueAt > now)
    writeFileSync(`${this.#path}.tmp`, this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), {
      mode: 0o600,
    })
    renameSync(`${this.#path}.tmp`, this.#path)
  }
}
