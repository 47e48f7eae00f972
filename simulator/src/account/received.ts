// Every inference request that reached the account: the truth that tests compare the witnesses with.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

const receivedSchema = z.object({
  at: z.number(),
  requestId: z.string(),
  operation: z.string(),
  modelId: z.string(),
  region: z.string(),
  userAgent: z.string(),
  accessKeyId: z.string(),
  sourceIp: z.string(),
  bodyBytes: z.number(),
  bodySha256: z.string(),
})

/** One request that arrived; `at` in milliseconds since the epoch, no content. */
export type ReceivedCall = z.infer<typeof receivedSchema>

/** Append-only list that survives restarts. */
export class ReceivedCalls {
  readonly #file: string
  readonly #calls: ReceivedCall[] = []

  constructor(file: string) {
    this.#file = file
    if (!existsSync(file)) return
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line !== '') this.#calls.push(receivedSchema.parse(JSON.parse(line)))
    }
  }

  /** Notes a request. */
  add(call: ReceivedCall): void {
    this.#calls.push(call)
    appendFileSync(this.#file, `${JSON.stringify(call)}\n`)
  }

  /** All of them, oldest first. */
  list(): readonly ReceivedCall[] {
    return this.#calls
  }
}
