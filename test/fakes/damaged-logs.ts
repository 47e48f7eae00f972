import { gunzipSync, gzipSync } from 'node:zlib'
import { at, type Damage, from, move, region, swap, treeKeys } from './damaging.ts'
import { account, hourMs } from './digest-tree.ts'

/** Damage to log files. */
export const damagedLogs: readonly Damage[] = [
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
    name: 'two log files swapped',
    make: (tree, { logs }) => swap(tree, at(logs, 4), at(logs, 8)),
    ours: ['log_swapped', 'log_swapped'],
    cli: ["Log file INVALID: hash value doesn't match", "Log file INVALID: hash value doesn't match"],
  },
  {
    name: 'a log file moved to another day',
    make: (tree, { logs }) => move(tree, at(logs, 4), at(logs, 4).replace('/2026/11/23/', '/2026/11/24/')),
    ours: ['log_moved'],
    cli: ['Log file INVALID: not found'],
  },
  {
    name: 'a log file that nobody digested',
    make: (tree) => void tree.addLog({ region }, from + 2.2 * hourMs),
    ours: ['log_undigested'],
    cli: [],
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
    name: 'log files of the time before validation',
    make: (tree) => void tree.addLog({ region }, from - 2 * hourMs),
    ours: ['logs_before_chain'],
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
]
