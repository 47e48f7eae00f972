import { createHmac, timingSafeEqual } from 'node:crypto'

/** A piece of a body by its keyed hash and its length. */
export interface PieceMark {
  /** 16 bytes of HMAC-SHA-256 under the shelf's key, as latin1: equal pieces are seen only by who holds the key. */
  readonly mac: string
  readonly bytes: number
}

/** What stands in the open before a box. `body`: a list of pieces, marked with the whole body's hash and length. */
export interface BoxHead {
  readonly kind: 'pieces' | 'body'
  /** Number of its first piece on the shelf: said, not counted, so that a box that was lost moves no number behind it. */
  readonly first: number
  /** Of the ciphertext behind the head. */
  readonly sealedBytes: number
  readonly marks: readonly PieceMark[]
}

/** With what every head begins. */
export const headMagic = Buffer.from([0x54, 0x42])
const kinds = ['pieces', 'body'] as const
const fixedBytes = 16
const macBytes = 16
const markBytes = macBytes + 4
/** A body of 25 MB in pieces of a few bytes each. */
const mostMarks = 4_000_000

/** Bytes of the fixed part, which says how long the rest of the head is. */
export const headStartBytes = fixedBytes

/** Bytes of a whole head with this many marks. */
export function headBytes(marks: number): number {
  return fixedBytes + marks * markBytes + macBytes
}

/** Magic (2) ‖ kind (1) ‖ version (1) ‖ sealed bytes (4) ‖ marks (4) ‖ first (4) ‖ marks × (mac 16 ‖ bytes 4) ‖ mac of all that (16); big-endian. */
export function writeHead(head: BoxHead, key: Uint8Array): Buffer {
  const out = Buffer.alloc(headBytes(head.marks.length))
  headMagic.copy(out)
  out.writeUInt8(kinds.indexOf(head.kind), 2)
  out.writeUInt8(1, 3)
  out.writeUInt32BE(head.sealedBytes, 4)
  out.writeUInt32BE(head.marks.length, 8)
  out.writeUInt32BE(head.first, 12)
  let at = fixedBytes
  for (const { mac, bytes } of head.marks) {
    out.write(mac, at, 'latin1')
    out.writeUInt32BE(bytes, at + macBytes)
    at += markBytes
  }
  headMac(key, out.subarray(0, at)).copy(out, at)
  return out
}

/** How many marks follow; undefined when no head starts here. */
export function marksAnnounced(start: Buffer): number | undefined {
  if (start.length < fixedBytes || !headMagic.equals(start.subarray(0, 2)) || start.readUInt8(3) !== 1) return undefined
  const marks = start.readUInt32BE(8)
  return kinds[start.readUInt8(2)] === undefined || marks > mostMarks ? undefined : marks
}

/** Reads a whole head; undefined when it is not one of this key, or was changed. */
export function readHead(bytes: Buffer, key: Uint8Array): BoxHead | undefined {
  const count = marksAnnounced(bytes)
  const kind = count === undefined ? undefined : kinds[bytes.readUInt8(2)]
  if (count === undefined || kind === undefined || bytes.length < headBytes(count)) return undefined
  const end = headBytes(count) - macBytes
  if (!timingSafeEqual(headMac(key, bytes.subarray(0, end)), bytes.subarray(end, end + macBytes))) return undefined
  const marks: PieceMark[] = []
  for (let at = fixedBytes; at < end; at += markBytes)
    marks.push({ mac: bytes.toString('latin1', at, at + macBytes), bytes: bytes.readUInt32BE(at + macBytes) })
  return { kind, first: bytes.readUInt32BE(12), sealedBytes: bytes.readUInt32BE(4), marks }
}

/** The keyed hash of a piece or a body, of the form that marks hold. */
export function markMac(key: Uint8Array, bytes: Uint8Array): string {
  return createHmac('sha256', key).update(bytes).digest().toString('latin1', 0, macBytes)
}

function headMac(key: Uint8Array, bytes: Uint8Array): Buffer {
  return createHmac('sha256', key).update('head').update(bytes).digest().subarray(0, macBytes)
}
