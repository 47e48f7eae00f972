import { TriptychError } from '../triptych-error.ts'
import type { DiskReserve } from './disk-reserve.ts'
import type { Journal } from './journal.ts'

/** A second place that a record may have to reach before it counts. */
export interface SecondPlace {
  /** False while it takes nothing. */
  ready(): boolean
  /** Resolves when the record, and everything before it, is durable there; rejects with JOURNAL_UNWRITABLE. */
  until(seq: number): Promise<void>
}

/** What stands before the records of some types. */
export interface JournalGuards {
  readonly reserve: Pick<DiskReserve, 'isBelow'>
  /** Types that are refused when less than this share of the reserve is free; all others may use it up. */
  readonly needsRoom: ReadonlyMap<string, number>
  readonly second: SecondPlace | undefined
  /** Types whose `append` waits for the second place as well. */
  readonly needsSecond: ReadonlySet<string>
}

/**
 * A journal that refuses some records early (JOURNAL_UNWRITABLE, reason `reserve` or `replica`; nothing is written then) and that
 * waits for a second place with others. One whose wait fails (reason `replica`) stands in the journal although it was refused.
 */
export function guardJournal(journal: Journal, { reserve, needsRoom, second, needsSecond }: JournalGuards): Journal {
  const refuse = (reason: string) => new TriptychError('JOURNAL_UNWRITABLE', { source: journal.source, reason })
  return {
    source: journal.source,
    tail: journal.tail,
    async append(type, body, when) {
      if (reserve.isBelow(needsRoom.get(type) ?? 0)) throw refuse('reserve')
      const place = needsSecond.has(type) ? second : undefined
      if (place?.ready() === false) throw refuse('replica')
      const receipt = await journal.append(type, body, when)
      await place?.until(receipt.seq)
      return receipt
    },
    writable: () => journal.writable() && !reserve.isBelow(1) && second?.ready() !== false,
    close: () => journal.close(),
  }
}
