import { gunzipSync, gzipSync } from 'node:zlib'
import { DigestTree, hourMs, type TreeKey, treeKey } from './digest-tree.ts'

/** Keys that all damaged trees are signed with: making them takes longest. */
export const treeKeys = {
  home: treeKey(),
  european: treeKey(),
  foreign: treeKey(),
  spki: treeKey('spki'),
} as const

export const region = 'us-east-1'
export const from = Date.UTC(2026, 10, 23, 0)
export const hours = 6
/** When the trees are looked at: the last digest is ten minutes old. */
export const until = from + hours * hourMs + 600_000

/** One kind of damage: what is done to a whole tree, and what each validator must say of it. */
export interface Damage {
  readonly name: string
  readonly make: (tree: DigestTree, made: Made) => void
  /** Codes of ours with how often, in alphabetical order; none: it is fine. */
  readonly ours: readonly string[]
  /** What `aws cloudtrail validate-logs` says; none: it has no opinion and ends with 0. */
  readonly cli: readonly string[]
  readonly notes?: readonly string[]
  /** Not this shape, but one of its own. */
  readonly own?: boolean
}

/** The whole tree: digests by hour, two logs each. */
export interface Made {
  readonly digests: readonly string[]
  readonly logs: readonly string[]
}

export const shape = { region, key: treeKeys.home, from, hours }

/** A tree without damage. */
export function wholeTree(): { readonly tree: DigestTree; readonly made: Made } {
  const tree = new DigestTree()
  const digests = tree.addChain(shape)
  return { tree, made: { digests, logs: tree.logs.map(({ key }) => key) } }
}

/** The tree that a kind of damage leaves. */
export function damagedTree({ make, own }: Damage): DigestTree {
  if (own !== true) {
    const { tree, made } = wholeTree()
    make(tree, made)
    return tree
  }
  const tree = new DigestTree()
  make(tree, { digests: [], logs: [] })
  return tree
}

export const at = (list: readonly string[], i: number): string => list.at(i) ?? ''
export const move = (tree: DigestTree, key: string, to: string) => {
  const { body, metadata } = tree.get(key)
  tree.objects.delete(key)
  tree.put(to, body, metadata)
}
export const swap = (tree: DigestTree, one: string, other: string) => {
  const [a, b] = [tree.get(one), tree.get(other)]
  tree.put(one, b.body, b.metadata)
  tree.put(other, a.body, a.metadata)
}
/** A chain of its own, with a starting digest. */
export const chainOf = (tree: DigestTree, key: TreeKey, start: number, count: number) =>
  tree.addChain({ ...shape, key, from: start, hours: count })
export const rewritten = (body: Buffer, change: (doc: Record<string, unknown>) => void): Buffer => {
  const doc: Record<string, unknown> = JSON.parse(gunzipSync(body).toString('utf8'))
  change(doc)
  return gzipSync(JSON.stringify(doc))
}
export const badHash = (asPrevious: { key: string; hash: string; signature: string }) => ({
  ...asPrevious,
  hash: `f${asPrevious.hash.slice(1)}`.replace(/^ff/, 'fe'),
})
export const otherSignature = (signature: string) => signature.replace(/^./, (digit) => (digit === 'a' ? 'b' : 'a'))
