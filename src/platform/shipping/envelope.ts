import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** What a piece holds: records of a journal, by number, or lines of an alias book, by byte. `last` is within. */
export interface PieceRange {
  readonly kind: 'records' | 'identities'
  readonly source: string
  /** The first record of the segment that it is cut from; 0 for a book. */
  readonly segment: number
  readonly first: number
  readonly last: number
}

/** A piece that is whole and was put there by somebody who holds the key. */
export interface Piece extends PieceRange {
  readonly body: Buffer
}

const headSchema = z.strictObject({
  v: z.literal(1),
  kind: z.enum(['records', 'identities']),
  source: z.string().regex(/^[a-z0-9-]{1,64}$/),
  segment: z.number().int().min(0),
  first: z.number().int().min(0),
  last: z.number().int().min(0),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
})

/** One line that says what follows, with a MAC over both, and then the lines as they are at rest. */
export function sealPiece(key: Uint8Array, { body, kind, source, segment, first, last }: Piece): Buffer {
  const range = { kind, source, segment, first, last }
  const head = JSON.stringify({ v: 1, ...range, mac: macOf(key, range, body).toString('hex') })
  return Buffer.concat([Buffer.from(`${head}\n`), body])
}

/** Opens a piece; the reason instead, when it was cut, altered or made with another key. */
export function openPiece(key: Uint8Array, bytes: Buffer): Piece | 'head' | 'mac' {
  const end = bytes.indexOf(10)
  const head = end === -1 ? undefined : headOf(bytes.toString('utf8', 0, end))
  if (head === undefined) return 'head'
  const { kind, source, segment, first, last, mac } = head
  const body = bytes.subarray(end + 1)
  if (!timingSafeEqual(macOf(key, { kind, source, segment, first, last }, body), Buffer.from(mac, 'hex'))) return 'mac'
  return { kind, source, segment, first, last, body }
}

function headOf(text: string): z.infer<typeof headSchema> | undefined {
  try {
    return headSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function macOf(key: Uint8Array, { kind, source, segment, first, last }: PieceRange, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${kind}\0${source}\0${segment}\0${first}\0${last}\0`).update(body).digest()
}
