import { gunzipSync, gzipSync } from 'node:zlib'
import { account, bucket, DigestTree, hourMs, type TreeKey, treeKey } from './digest-tree.ts'

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

const shape = { region, key: treeKeys.home, from, hours }

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

const at = (list: readonly string[], i: number): string => list.at(i) ?? ''
const move = (tree: DigestTree, key: string, to: string) => {
  const { body, metadata } = tree.get(key)
  tree.objects.delete(key)
  tree.put(to, body, metadata)
}
const swap = (tree: DigestTree, one: string, other: string) => {
  const [a, b] = [tree.get(one), tree.get(other)]
  tree.put(one, b.body, b.metadata)
  tree.put(other, a.body, a.metadata)
}
/** Writes the chain from hour `i` on anew, each after a changed first. */
const chainOf = (tree: DigestTree, key: TreeKey, start: number, count: number) =>
  tree.addChain({ ...shape, key, from: start, hours: count })
const rewritten = (body: Buffer, change: (doc: Record<string, unknown>) => void): Buffer => {
  const doc: Record<string, unknown> = JSON.parse(gunzipSync(body).toString('utf8'))
  change(doc)
  return gzipSync(JSON.stringify(doc))
}
const badHash = (asPrevious: { key: string; hash: string; signature: string }) => ({
  ...asPrevious,
  hash: `f${asPrevious.hash.slice(1)}`.replace(/^ff/, 'fe'),
})
const otherSignature = (signature: string) => signature.replace(/^./, (digit) => (digit === 'a' ? 'b' : 'a'))

export const damages: readonly Damage[] = [
  { name: 'no damage', make: () => undefined, ours: [], cli: [] },
  {
    name: 'a changed byte of a log file',
    make(tree, { logs }) {
      const body = Buffer.from(tree.get(at(logs, 4)).body)
      body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 0xff
      tree.put(at(logs, 4), body)
    },
    ours: ['log_unreadable'],
    cli: ['Log file INVALID: invalid format'],
  },
  {
    name: 'a changed record',
    make: (tree, { logs }) =>
      tree.put(
        at(logs, 4),
        gzipSync(
          gunzipSync(tree.get(at(logs, 4)).body)
            .toString()
            .replace('InvokeModel', 'ListModels_'),
        ),
      ),
    ours: ['log_altered'],
    cli: ["Log file INVALID: hash value doesn't match"],
  },
  {
    name: 'a deleted log file',
    make: (tree, { logs }) => void tree.objects.delete(at(logs, 4)),
    ours: ['log_missing'],
    cli: ['Log file INVALID: not found'],
  },
  {
    name: 'a digest deleted in the middle',
    make: (tree, { digests }) => void tree.objects.delete(at(digests, 2)),
    ours: ['digest_missing', 'log_undigested'],
    cli: ['Digest file INVALID: not found'],
  },
  {
    name: 'the newest digests deleted',
    make(tree, { digests }) {
      tree.objects.delete(at(digests, -1))
      tree.objects.delete(at(digests, -2))
    },
    ours: ['log_undigested', 'newest_missing'],
    cli: [],
  },
  {
    name: 'two log files swapped',
    make: (tree, { logs }) => swap(tree, at(logs, 4), at(logs, 8)),
    ours: ['log_swapped', 'log_swapped'],
    cli: ["Log file INVALID: hash value doesn't match", "Log file INVALID: hash value doesn't match"],
  },
  {
    name: 'two digests swapped',
    make: (tree, { digests }) => swap(tree, at(digests, 2), at(digests, 3)),
    ours: ['digest_moved', 'digest_moved', 'previous_hash_wrong', 'previous_signature_wrong'],
    cli: [
      'Digest file INVALID: has been moved from its original location',
      'Digest file INVALID: has been moved from its original location',
    ],
  },
  {
    name: 'a digest signed with a foreign key',
    make(tree, { digests }) {
      const before = tree.digests[1]?.asPrevious ?? null
      const logs = tree.logs.filter(({ at: time }) => time > from + 2 * hourMs && time < from + 3 * hourMs)
      tree.objects.delete(at(digests, 2))
      tree.addDigest({ region, key: treeKeys.foreign }, from + 2 * hourMs, from + 3 * hourMs, before, logs)
    },
    ours: ['key_unknown', 'previous_hash_wrong', 'previous_signature_wrong'],
    cli: ['Digest file INVALID: public key not found'],
  },
  {
    name: 'a log file moved to another day',
    make: (tree, { logs }) => move(tree, at(logs, 4), at(logs, 4).replace('/2026/11/23/', '/2026/11/24/')),
    ours: ['log_moved'],
    cli: ['Log file INVALID: not found'],
  },
  {
    name: 'a digest moved to another day',
    make: (tree, { digests }) => move(tree, at(digests, 2), at(digests, 2).replace('/2026/11/23/', '/2026/11/22/')),
    ours: ['digest_moved'],
    cli: ['Digest file INVALID: not found', 'Digest file INVALID: has been moved from its original location'],
  },
  {
    name: 'a new chain after a gap, as when validation was off and on again',
    own: true,
    make(tree) {
      chainOf(tree, treeKeys.home, from, 2)
      tree.addLog({ region }, from + 2.5 * hourMs)
      chainOf(tree, treeKeys.home, from + 4 * hourMs, 2)
    },
    ours: ['chain_restarted', 'log_undigested'],
    cli: ['gap'],
  },
  {
    name: 'a new chain in the place of the old one’s end',
    make(tree, { digests }) {
      for (const key of digests.slice(3)) tree.objects.delete(key)
      for (const { key } of tree.logs.filter(({ at: time }) => time > from + 3 * hourMs)) tree.objects.delete(key)
      chainOf(tree, treeKeys.home, from + 3 * hourMs, 3)
    },
    ours: ['chain_restarted'],
    cli: ['gap'],
  },
  {
    name: 'overlapping windows',
    own: true,
    make(tree) {
      chainOf(tree, treeKeys.home, from, 3)
      const before = tree.digests.at(-1)?.asPrevious ?? null
      const next = tree.addDigest({ region, key: treeKeys.home }, from + 2.5 * hourMs, from + 4 * hourMs, before, [])
      tree.addChain({ ...shape, from: from + 4 * hourMs, hours: 2 }, next.asPrevious)
    },
    ours: ['time_overlap'],
    cli: [],
  },
  {
    name: 'a hole between two windows that are linked',
    own: true,
    make(tree) {
      chainOf(tree, treeKeys.home, from, 2)
      tree.addChain({ ...shape, from: from + 4 * hourMs, hours: 2 }, tree.digests.at(-1)?.asPrevious ?? null)
    },
    ours: ['time_gap'],
    cli: [],
  },
  {
    name: 'a log file that nobody digested',
    make: (tree) => void tree.addLog({ region }, from + 2.2 * hourMs),
    ours: ['log_undigested'],
    cli: [],
  },
  {
    name: 'the key of the wrong region',
    own: true,
    make(tree) {
      const digests = tree.addChain({ ...shape, hours: 3 })
      const before = tree.digests.at(-1)?.asPrevious ?? null
      const next = tree.addDigest({ region, key: treeKeys.european }, from + 3 * hourMs, from + 4 * hourMs, before, [])
      tree.addChain({ ...shape, from: from + 4 * hourMs, hours: 2 }, next.asPrevious)
      return digests
    },
    ours: ['key_of_other_region'],
    cli: ['Digest file INVALID: public key not found'],
  },
  {
    name: 'bytes after the gzip of a log file',
    make: (tree, { logs }) =>
      tree.put(at(logs, 4), Buffer.concat([tree.get(at(logs, 4)).body, gzipSync('{"Records":[]}')])),
    ours: ['log_trailing_bytes'],
    cli: ['Log file INVALID: unexpected data after end of compressed stream'],
  },
  {
    name: 'objects without bytes that mark folders and check permissions',
    make(tree) {
      tree.put(`AWSLogs/${account}/CloudTrail/`, Buffer.alloc(0))
      tree.put(`AWSLogs/${account}/CloudTrail/${region}/2026/11/23/marker`, Buffer.alloc(0))
      tree.put(`AWSLogs/${account}/CloudTrail-Digest/`, Buffer.alloc(0))
    },
    ours: [],
    cli: [],
    notes: ['not_logs'],
  },
  {
    name: 'a log file that was emptied',
    make: (tree, { logs }) => tree.put(at(logs, 4), Buffer.alloc(0)),
    ours: ['log_empty'],
    cli: ["Log file INVALID: hash value doesn't match"],
  },
  {
    name: 'a digest that was emptied',
    make: (tree, { digests }) => tree.put(at(digests, 2), Buffer.alloc(0), tree.get(at(digests, 2)).metadata),
    ours: ['digest_empty', 'log_undigested'],
    cli: ['Digest file INVALID: invalid format'],
  },
  {
    name: 'a wrong hash of the digest before',
    own: true,
    make(tree) {
      chainOf(tree, treeKeys.home, from, 3)
      const before = tree.digests.at(-1)?.asPrevious
      tree.addChain({ ...shape, from: from + 3 * hourMs, hours: 3 }, before === undefined ? null : badHash(before))
    },
    ours: ['previous_hash_wrong'],
    cli: [],
  },
  {
    name: 'a wrong signature of the digest before',
    own: true,
    make(tree) {
      chainOf(tree, treeKeys.home, from, 3)
      const before = tree.digests.at(-1)?.asPrevious
      const other = before === undefined ? null : { ...before, signature: otherSignature(before.signature) }
      tree.addChain({ ...shape, from: from + 3 * hourMs, hours: 3 }, other)
    },
    ours: ['previous_signature_wrong'],
    cli: [],
  },
  {
    name: 'a changed digest with the signature of the old one',
    make(tree, { digests }) {
      const { body, metadata } = tree.get(at(digests, 2))
      tree.put(
        at(digests, 2),
        rewritten(body, (doc) => Object.assign(doc, { logFiles: [] })),
        metadata,
      )
    },
    ours: ['log_undigested', 'previous_hash_wrong', 'signature_invalid'],
    cli: ['Digest file INVALID: signature verification failed'],
  },
  {
    name: 'a digest replaced by another that AWS signed',
    make(tree, { digests }) {
      const before = tree.digests[1]?.asPrevious ?? null
      tree.objects.delete(at(digests, 2))
      tree.addDigest({ region, key: treeKeys.home }, from + 2 * hourMs, from + 3 * hourMs, before, [])
    },
    ours: ['log_undigested', 'previous_hash_wrong', 'previous_signature_wrong'],
    cli: [],
  },
  {
    name: 'the metadata of a digest lost',
    make: (tree, { digests }) => tree.put(at(digests, -1), tree.get(at(digests, -1)).body),
    ours: ['signature_missing'],
    cli: ['Digest file INVALID: signature verification failed'],
  },
  {
    name: 'a digest that does not have its form',
    make(tree, { digests }) {
      const { body, metadata } = tree.get(at(digests, 2))
      tree.put(
        at(digests, 2),
        rewritten(body, (doc) => void delete doc['digestStartTime']),
        metadata,
      )
    },
    ours: ['digest_unreadable', 'log_undigested', 'previous_hash_wrong'],
    cli: ['Digest file INVALID: invalid format'],
  },
  {
    name: 'all digests deleted',
    make(tree, { digests }) {
      for (const key of digests) tree.objects.delete(key)
    },
    ours: ['no_digests'],
    cli: [],
  },
  {
    name: 'log files of the time before validation',
    make: (tree) => void tree.addLog({ region }, from - 2 * hourMs),
    ours: ['logs_before_chain'],
    cli: [],
  },
  {
    name: 'a key that is given as SPKI',
    own: true,
    make: (tree) => void chainOf(tree, treeKeys.spki, from, hours),
    ours: [],
    cli: Array.from({ length: 6 }, () => 'Digest file INVALID: Unable to load PKCS #1 key'),
  },
  {
    name: 'an added digest that no other names',
    make(tree) {
      const before = tree.digests[1]?.asPrevious ?? null
      tree.addDigest({ region, key: treeKeys.home }, from + 2 * hourMs, from + 2.5 * hourMs, before, [])
    },
    ours: ['digest_unlinked'],
    cli: [],
  },
  {
    name: 'a late log file with its backfill digest',
    make(tree) {
      const log = tree.addLog({ region }, from + 2.2 * hourMs)
      tree.addDigest(
        { region, key: treeKeys.home },
        from + 2 * hourMs,
        from + 3 * hourMs,
        null,
        [log],
        from + 5 * hourMs,
      )
    },
    ours: [],
    cli: [],
  },
  {
    name: 'a backfill digest without its time',
    make(tree) {
      const log = tree.addLog({ region }, from + 2.2 * hourMs)
      const late = { region, key: treeKeys.home }
      const { key, body, metadata } = tree.addDigest(
        late,
        from + 2 * hourMs,
        from + 3 * hourMs,
        null,
        [log],
        from + 5 * hourMs,
      )
      const { 'backfill-generation-timestamp': _dropped, ...rest } = metadata
      tree.put(key, body, rest)
    },
    ours: ['backfill_unstamped'],
    cli: ['(backfill) Digest file INVALID: invalid format'],
  },
  {
    name: 'bytes after the gzip of a digest',
    make(tree, { digests }) {
      const { body, metadata } = tree.get(at(digests, 2))
      tree.put(at(digests, 2), Buffer.concat([body, Buffer.from('more')]), metadata)
    },
    ours: ['digest_trailing_bytes'],
    cli: [],
  },
  {
    name: 'a lost leading zero in a previous hash',
    own: true,
    make(tree) {
      // The first digest is written until its hash begins with a zero: its end moves by seconds.
      for (let i = 1; ; i++) {
        const only = new DigestTree()
        const { asPrevious } = only.addDigest({ region, key: treeKeys.home }, from, from + i * 1_000, null, [])
        if (!asPrevious.hash.startsWith('0')) continue
        const first = tree.addDigest({ region, key: treeKeys.home }, from, from + i * 1_000, null, []).asPrevious
        const shorter = { ...first, hash: first.hash.slice(1) }
        const second = tree.addDigest({ region, key: treeKeys.home }, from + i * 1_000, from + hourMs, shorter, [])
        tree.addChain({ ...shape, from: from + hourMs, hours: hours - 1 }, second.asPrevious)
        return
      }
    },
    ours: [],
    cli: [],
    notes: ['hash_padded'],
  },
]

/** The bucket that every damaged tree belongs in. */
export const damagedBucket = bucket
