import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const entrySchema = z.object({
  dueAt: z.number(),
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
    this.#entries = existsSync(this.#path)
      ? readFileSync(this.#path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .flatMap((line) => entrySchema.safeParse(JSON.parse(line)).data ?? [])
      : []
  }

  add(entry: Buffered): void {
    this.#entries.push(entry)
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
  }

  /** Takes what is due at `now`. */
  takeDue(now: number): readonly Buffered[] {
    const due = this.#entries.filter((entry) => entry.dueAt <= now)
    if (due.length === 0) return due
    this.#entries = this.#entries.filter((entry) => entry.dueAt > now)
    writeFileSync(this.#path, this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 })
    return due
  }
}
