import { hash } from 'node:crypto'

// RFC 6962 §2.1: leaf = SHA-256(0x00 ‖ entry), node = SHA-256(0x01 ‖ left ‖ right).

/** Bytes of one hash. */
export const hashBytes = 32

/** The root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Buffer = Buffer.from(hash('sha256', '', 'hex'), 'hex')

const longestEntry = 65_535
const leafInput = Buffer.alloc(1 + longestEntry)
const nodeInput = Buffer.alloc(1 + 2 * hashBytes)
nodeInput[0] = 1

/** The hash of an entry of up to 65,535 bytes (the most that an entry bundle can frame). */
export function leafHash(entry: Uint8Array): Buffer {
  const into = Buffer.allocUnsafe(hashBytes)
  writeLeafHash(entry, into, 0)
  return into
}

/** The same, written into place: a string is the fastest way out of Node's digest. */
export function writeLeafHash(entry: Uint8Array, into: Buffer, at: number): void {
  leafInput.set(entry, 1)
  into.write(hash('sha256', leafInput.subarray(0, 1 + entry.length), 'binary'), at, 'latin1')
}

/** The hash over two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + hashBytes)
  return Buffer.from(hash('sha256', nodeInput, 'binary'), 'latin1')
}

/** The root over neighbouring subtrees of equal size, given as their hashes one behind the other; what is odd goes up unpaired. */
export function rootOfHashes(hashes: Uint8Array): Buffer {
  const level = Buffer.from(hashes)
  let count = level.length / hashBytes
  if (count === 0) return emptyRoot
  while (count > 1) {
    const pairs = Math.floor(count / 2)
    for (let i = 0; i < pairs; i++) {
      level.copy(nodeInput, 1, i * 2 * hashBytes, (i + 1) * 2 * hashBytes)
      level.write(hash('sha256', nodeInput, 'binary'), i * hashBytes, 'latin1')
    }
    if (count % 2 === 1) level.copy(level, pairs * hashBytes, (count - 1) * hashBytes, count * hashBytes)
    count = Math.ceil(count / 2)
  }
  return level.subarray(0, hashBytes)
}
