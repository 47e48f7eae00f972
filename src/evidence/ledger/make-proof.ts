import { TriptychError } from '../../platform/triptych-error.ts'
import { nodeHash } from './merkle-hash.ts'

/** The root of the complete subtree of 2^height leaves that begins at leaf index × 2^height. */
export type SubtreeRoot = (height: number, index: number) => Promise<Buffer>

/** MTH(D[start:end]) of RFC 6962 §2.1, from roots of complete subtrees. `start` must be where such a range may begin; end > start. */
export async function rangeRoot(subtree: SubtreeRoot, start: number, end: number): Promise<Buffer> {
  const leaves = end - start
  const split = splitOf(leaves)
  if (leaves === 1 || leaves === 2 * split) return subtree(Math.round(Math.log2(leaves)), start / leaves)
  return nodeHash(await rangeRoot(subtree, start, start + split), await rangeRoot(subtree, start + split, end))
}

/** The audit path of a leaf, from its sibling upwards (RFC 6962 §2.1.1). Throws QUERY_INVALID for a leaf outside the tree. */
export async function inclusionProof(subtree: SubtreeRoot, index: number, size: number): Promise<readonly Buffer[]> {
  if (!(index >= 0 && index < size)) throw new TriptychError('QUERY_INVALID', { field: 'index', size })
  return path(subtree, index, 0, size)
}

async function path(subtree: SubtreeRoot, index: number, start: number, end: number): Promise<readonly Buffer[]> {
  if (end - start === 1) return []
  const middle = start + splitOf(end - start)
  return index < middle
    ? [...(await path(subtree, index, start, middle)), await rangeRoot(subtree, middle, end)]
    : [...(await path(subtree, index, middle, end)), await rangeRoot(subtree, start, middle)]
}

/** Proof that the tree of `newSize` began as that of `oldSize` (RFC 6962 §2.1.2). Throws QUERY_INVALID for sizes that do not fit. */
export async function consistencyProof(
  subtree: SubtreeRoot,
  oldSize: number,
  newSize: number,
): Promise<readonly Buffer[]> {
  if (!(oldSize >= 0 && oldSize <= newSize)) throw new TriptychError('QUERY_INVALID', { field: 'oldSize', newSize })
  if (oldSize === 0 || oldSize === newSize) return []
  return subproof(subtree, oldSize, { start: 0, end: newSize }, true)
}

/** `whole`: the old tree is exactly this range so far, so that its root is known to whoever checks. */
async function subproof(
  subtree: SubtreeRoot,
  oldEnd: number,
  { start, end }: { readonly start: number; readonly end: number },
  whole: boolean,
): Promise<readonly Buffer[]> {
  if (oldEnd === end) return whole ? [] : [await rangeRoot(subtree, start, end)]
  const middle = start + splitOf(end - start)
  return oldEnd <= middle
    ? [...(await subproof(subtree, oldEnd, { start, end: middle }, whole)), await rangeRoot(subtree, middle, end)]
    : [...(await subproof(subtree, oldEnd, { start: middle, end }, false)), await rangeRoot(subtree, start, middle)]
}

/** The largest power of two below n, for n > 1. */
function splitOf(n: number): number {
  let split = 1
  while (split * 2 < n) split *= 2
  return split
}
