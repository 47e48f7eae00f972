import { hashBytes, nodeHash } from './merkle-hash.ts'

/** What an inclusion proof claims: this leaf stands at `index` of the tree of `size` leaves with this root. */
export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
}

/** Whether a proof, from the leaf's sibling upwards, shows the claim (RFC 9162 §2.1.3.2). Nothing is thrown for a bad one. */
export function verifyInclusion(claim: InclusionClaim, proof: readonly Uint8Array[]): boolean {
  const { index, size } = claim
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([claim.leafHash, claim.root, ...proof]))
    return false
  let node = index
  let last = size - 1
  let root: Uint8Array = claim.leafHash
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      root = nodeHash(sibling, root)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else root = nodeHash(root, sibling)
    node = half(node)
    last = half(last)
  }
  return last === 0 && Buffer.compare(root, claim.root) === 0
}

/** What a consistency proof claims: the tree of `newSize` began as the tree of `oldSize`. */
export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Uint8Array
  readonly newSize: number
  readonly newRoot: Uint8Array
}

/**
 * Whether a proof shows the claim (RFC 9162 §2.1.4.2). The empty tree is the beginning of every tree: size 0 takes an empty proof
 * (C2SP tlog-witness). Nothing is thrown for a bad one.
 */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Uint8Array[]): boolean {
  const { oldSize, oldRoot, newSize, newRoot } = claim
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || !areHashes(proof)) return false
  if (oldSize === newSize) return proof.length === 0 && Buffer.compare(oldRoot, newRoot) === 0
  if (oldSize === 0) return proof.length === 0
  if (!areHashes([oldRoot, newRoot])) return false
  return climb(claim, isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof, proof.length)
}

function climb(claim: ConsistencyClaim, path: readonly Uint8Array[], given: number): boolean {
  const [first, ...rest] = path
  if (first === undefined || given === 0) return false
  let node = claim.oldSize - 1
  let last = claim.newSize - 1
  while (isOdd(node)) [node, last] = [half(node), half(last)]
  let oldRoot = first
  let newRoot = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      oldRoot = nodeHash(sibling, oldRoot)
      newRoot = nodeHash(sibling, newRoot)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else newRoot = nodeHash(newRoot, sibling)
    node = half(node)
    last = half(last)
  }
  return last === 0 && Buffer.compare(oldRoot, claim.oldRoot) === 0 && Buffer.compare(newRoot, claim.newRoot) === 0
}

// Sizes pass 2³²: no bit operators.

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isOdd(value: number): boolean {
  return value % 2 === 1
}

function half(value: number): number {
  return Math.floor(value / 2)
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === hashBytes)
}
