import { Worker } from 'node:worker_threads'
import { type GzipHash, type HashGzip, hashGzip } from './gzip-hash.ts'
import type { Batch } from './gzip-hash-thread.ts'

/** Bodies up to this size go to the other thread; larger ones stream through this one. */
const small = 65_536
/** So many go at once, for every message wakes the other thread; fewer after this time (ms). */
const mostInBatch = 16
const longestWaitMs = 2

interface Waiting {
  readonly body: Buffer
  readonly resolve: (hash: GzipHash) => void
  readonly reject: (cause: Error) => void
}

/**
 * Hashes small bodies in a second thread while this one fetches the next. Run from sources, without a build, it does all of it in
 * this thread: Node cannot start a thread from them.
 */
export function hashGzipBeside(): HashGzip & { close(): Promise<void> } {
  if (import.meta.url.endsWith('.ts'))
    return Object.assign<HashGzip, { close(): Promise<void> }>(hashGzip, { close: async () => undefined })
  const worker = new Worker(new URL('./gzip-hash-thread.js', import.meta.url))
  const sent = new Map<number, readonly Waiting[]>()
  let waiting: Waiting[] = []
  let next = 0
  let broken: Error | undefined
  const fail = (cause: Error) => {
    broken ??= cause
    for (const { reject } of [...sent.values(), waiting].flat()) reject(broken)
    sent.clear()
    waiting = []
  }
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    if (broken !== undefined) return fail(broken)
    const batch = waiting
    waiting = []
    sent.set(next, batch)
    const { bytes, lengths } = pack(batch)
    worker.postMessage({ id: next++, bytes, lengths } satisfies Batch, [bytes.buffer])
  }
  worker.on('message', ({ id, hashes }: { id: number; hashes: readonly GzipHash[] }) => {
    const batch = sent.get(id) ?? []
    sent.delete(id)
    for (const [i, { resolve }] of batch.entries()) {
      const hash = hashes[i]
      if (hash !== undefined) resolve(hash)
    }
  })
  worker.on('error', fail)
  const hash: HashGzip = async (body) => {
    const parts = body[Symbol.asyncIterator]()
    const { head, whole } = await readUpTo(parts, small)
    if (!whole) return hashGzip(joined(head, parts))
    return new Promise<GzipHash>((resolve, reject) => {
      waiting.push({ body: head, resolve, reject })
      if (waiting.length >= mostInBatch) flush()
      else timer ??= setTimeout(flush, longestWaitMs)
    })
  }
  return Object.assign(hash, { close: async () => void (await worker.terminate()) })
}

function pack(batch: readonly Waiting[]): {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly lengths: readonly number[]
} {
  const lengths = batch.map(({ body }) => body.length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const { body } of batch) {
    bytes.set(body, at)
    at += body.length
  }
  return { bytes, lengths }
}

async function readUpTo(
  parts: AsyncIterator<Uint8Array>,
  most: number,
): Promise<{ readonly head: Buffer; readonly whole: boolean }> {
  const held: Uint8Array[] = []
  for (let bytes = 0; bytes <= most; ) {
    const part = await parts.next()
    if (part.done === true) return { head: Buffer.concat(held), whole: true }
    held.push(part.value)
    bytes += part.value.length
  }
  return { head: Buffer.concat(held), whole: false }
}

async function* joined(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  try {
    for (let part = await rest.next(); part.done !== true; part = await rest.next()) yield part.value
  } finally {
    await rest.return?.()
  }
}
