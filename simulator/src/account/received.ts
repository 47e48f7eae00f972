import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readLines } from './lines.ts'

const receivedSchema = z.object({
  at: z.number(),
  requestId: z.string(),
  operation: z.string(),
  modelId: z.string(),
  region: z.string(),
  userAgent: z.string(),
  accessKeyId: z.string(),
  bodyBytes: z.number(),
  bodySha256: z.string(),
})
/** An inference request as it arrived. */
export type ReceivedCall = z.infer<typeof receivedSchema>

/** Every inference request that arrived whole and with a good credential, written down before it is answered. */
export class Received {
  readonly #path: string
  readonly #calls: ReceivedCall[]

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'received.ndjson')
    this.#calls = [...readLines(this.#path, receivedSchema)]
  }

  add(call: ReceivedCall): void {
    this.#calls.push(call)
    appendFileSync(this.#path, `${JSON.stringify(call)}\n`)
  }

  all(): readonly ReceivedCall[] {
    return this.#calls
  }
}
