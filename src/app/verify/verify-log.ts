import { SequenceAudit } from '../../evidence/ledger/audit-sequences.ts'
import { auditTree } from '../../evidence/ledger/audit-tree.ts'
import type { Checkpoint } from '../../evidence/ledger/checkpoint.ts'
import { type LedgerEntry, parseEntry } from '../../evidence/ledger/entry.ts'
import type { Fault } from '../../evidence/ledger/fault.ts'
import type { TileReader } from '../../evidence/ledger/tile-files.ts'

/** A log, what was kept of it, and who looks at its entries. */
export interface LogToVerify {
  readonly tiles: TileReader
  readonly checkpoint: Checkpoint
  readonly kept: readonly Checkpoint[]
  /** Holds an entry's record against it; `undefined` where only the log is at hand. */
  readonly onEntry?: ((index: number, entry: LedgerEntry) => Promise<readonly Fault[]>) | undefined
  readonly onProgress: (entries: number) => void
}

/** Faults of the tree, after some of which nothing more can be said, and those of entries and their records. */
export interface LogFaults {
  readonly tree: readonly Fault[]
  readonly entries: readonly Fault[]
}

/** Goes through the log once: tree, sequences, records. */
export async function verifyLog(log: LogToVerify): Promise<LogFaults> {
  const sequences = new SequenceAudit()
  const found: Fault[] = []
  const tree = await auditTree({
    ...log,
    async onEntries(first, entries) {
      for (const [i, bytes] of entries.entries()) {
        const index = first + i
        const entry = parseEntry(bytes.toString('latin1'))
        if (entry === undefined) {
          found.push({
            kind: 'inserted',
            says: `entry ${index} of the ledger is not of the form of its entries`,
            index,
          })
          continue
        }
        sequences.add(index, entry)
        if (log.onEntry !== undefined) found.push(...(await log.onEntry(index, entry)))
      }
      log.onProgress(first + entries.length)
    },
  })
  return { tree, entries: [...found, ...sequences.faults()] }
}

/** By entry; what has no entry comes last. */
export function inOrder(faults: readonly Fault[]): readonly Fault[] {
  return faults.toSorted((a, b) => (a.index ?? Number.MAX_SAFE_INTEGER) - (b.index ?? Number.MAX_SAFE_INTEGER))
}
