import { concat, sameBytes, sha256 } from './bytes.ts'

type Hash = Uint8Array
const hashBytes = 32

/** RFC 6962 §2.1: the hash of an entry. */
export function leafHash(entry: Uint8Array): Promise<Hash> {
  return sha256(concat(Uint8Array.of(0), entry))
}

function nodeHash(left: Hash, right: Hash): Promise<Hash> {
  return sha256(concat(Uint8Array.of(1), left, right))
}

/** A leaf stands at `index` of the tree of `size` leaves with this root. */
export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leaf: Hash
  readonly root: Hash
}

/** Whether a proof, from the leaf's sibling upwards, shows the claim (RFC 9162 §2.1.3.2). */
export async function verifyInclusion(
  { index, size, leaf, root }: InclusionClaim,
  proof: readonly Hash[],
): Promise<boolean> {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...proof])) return false
  let place = { node: index, last: size - 1 }
  let hash = leaf
  for (const sibling of proof) {
    if (place.last === 0) return false
    const fromLeft = isRightChild(place)
    hash = fromLeft ? await nodeHash(sibling, hash) : await nodeHash(hash, sibling)
    place = up(place, fromLeft)
  }
  return place.last === 0 && sameBytes(hash, root)
}

/** The tree of `newSize` began as the tree of `oldSize`. */
export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Hash
  readonly newSize: number
  readonly newRoot: Hash
}

/** Whether a proof shows the claim (RFC 9162 §2.1.4.2). The empty tree shows nothing: it is refused. */
export async function verifyConsistency(claim: ConsistencyClaim, proof: readonly Hash[]): Promise<boolean> {
  const { oldSize, oldRoot, newSize, newRoot } = claim
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || !areHashes(proof)) return false
  if (oldSize === 0) return false
  if (oldSize === newSize) return proof.length === 0 && sameBytes(oldRoot, newRoot)
  if (!areHashes([oldRoot, newRoot]) || proof.length === 0) return false
  return climb(claim, isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof)
}

async function climb(claim: ConsistencyClaim, path: readonly Hash[]): Promise<boolean> {
  const [first, ...rest] = path
  if (first === undefined) return false
  let place = { node: claim.oldSize - 1, last: claim.newSize - 1 }
  while (isOdd(place.node)) place = { node: half(place.node), last: half(place.last) }
  let [oldHash, newHash] = [first, first]
  for (const sibling of rest) {
    if (place.last === 0) return false
    const fromLeft = isRightChild(place)
    if (fromLeft) oldHash = await nodeHash(sibling, oldHash)
    newHash = fromLeft ? await nodeHash(sibling, newHash) : await nodeHash(newHash, sibling)
    place = up(place, fromLeft)
  }
  return place.last === 0 && sameBytes(oldHash, claim.oldRoot) && sameBytes(newHash, claim.newRoot)
}

interface Place {
  readonly node: number
  readonly last: number
}

function isRightChild({ node, last }: Place): boolean {
  return isOdd(node) || node === last
}

/** One level up; a node without a right sibling rises until it is one. */
function up({ node, last }: Place, fromLeft: boolean): Place {
  let [n, l] = [node, last]
  if (fromLeft) while (!isOdd(n) && n !== 0) [n, l] = [half(n), half(l)]
  return { node: half(n), last: half(l) }
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

function areHashes(values: readonly Hash[]): boolean {
  return values.every((value) => value.length === hashBytes)
}
