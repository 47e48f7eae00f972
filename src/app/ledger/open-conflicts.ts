import type { Logger } from '../../platform/logger.ts'
import type { RecordAct } from '../hub-journal.ts'

/** Sources whose records contradict their entries. */
export interface OpenConflicts {
  /** Says it, as an act too, once per source: the act of a conflict in the hub's own journal would be the next one, for ever. */
  open(source: string, seq: number): Promise<void>
  /** Stays true until the next start: what was rewritten does not heal by itself. */
  someOpen(): boolean
}

/** No conflict is open yet. */
export function createOpenConflicts(act: RecordAct, logger: Logger): OpenConflicts {
  const sources = new Set<string>()
  return {
    async open(source, seq) {
      if (sources.has(source)) return
      logger.error('hub.ledger.conflict', { source, seq })
      await act('ledger.conflict', { source, seq })
      sources.add(source)
    },
    someOpen: () => sources.size > 0,
  }
}
