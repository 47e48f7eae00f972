import { parentPort } from 'node:worker_threads'
import { hashGzip } from './gzip-hash.ts'

// A thread of its own: bodies come in batches, one after the other in one piece of memory, and their hashes go back.

/** Several bodies. */
export interface Batch {
  readonly id: number
  readonly bytes: Uint8Array
  readonly lengths: readonly number[]
}

const port = parentPort
port?.on('message', async ({ id, bytes, lengths }: Batch) => {
  const hashes = []
  let at = 0
  for (const length of lengths) {
    hashes.push(await hashGzip(only(bytes.subarray(at, at + length))))
    at += length
  }
  port.postMessage({ id, hashes })
})

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
