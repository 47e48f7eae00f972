import {
  at,
  badHash,
  chainOf,
  type Damage,
  from,
  hours,
  move,
  otherSignature,
  region,
  rewritten,
  shape,
  swap,
  treeKeys,
} from './damaging.ts'
import { DigestTree, hourMs } from './digest-tree.ts'

/** Damage to digests and their chains. */
export const damagedDigests: readonly Damage[] = [
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
    name: 'a digest moved to another day',
    make: (tree, { digests }) => move(tree, at(digests, 2), at(digests, 2).replace('/2026/11/23/', '/2026/11/22/')),
    ours: ['digest_moved'],
    cli: ['Digest file INVALID: not found'],
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
    name: 'the key of the wrong region',
    own: true,
    make(tree) {
      tree.addChain({ ...shape, hours: 3 })
      const before = tree.digests.at(-1)?.asPrevious ?? null
      const next = tree.addDigest({ region, key: treeKeys.european }, from + 3 * hourMs, from + 4 * hourMs, before, [])
      tree.addChain({ ...shape, from: from + 4 * hourMs, hours: 2 }, next.asPrevious)
      tree.addChain({ ...shape, region: 'eu-west-1', key: treeKeys.european })
    },
    ours: ['key_of_other_region'],
    cli: ['Digest file INVALID: public key not found'],
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
