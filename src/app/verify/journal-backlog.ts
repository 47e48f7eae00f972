import type { Fault } from '../../evidence/ledger/fault.ts'
import { firstPrev, parseJournalLine } from '../../platform/journal/line.ts'
import type { RawLine } from './journal-cursor.ts'

/** What is kept of a source and was no entry yet when the checkpoint was signed. */
export interface Backlog {
  readonly backlog: number
  /** When the oldest of it was written, RFC 3339, as it says itself. */
  readonly oldest: string | null
}

/** Records behind the last entry: no entry speaks for them, so each has to be one, and to follow the one before by number and hash. */
export class JournalBacklog {
  readonly #source: string
  #seq: number
  #hash: string
  #count = 0
  #oldest: string | null = null

  /** `after`: the last entry of the source. */
  constructor(source: string, after: { readonly seq: number; readonly commit: string } | undefined) {
    this.#source = source
    this.#seq = after?.seq ?? 0
    this.#hash = after?.commit ?? firstPrev
  }

  found(): Backlog {
    return { backlog: this.#count, oldest: this.#oldest }
  }

  /** The next line, whose number is behind the last entry's or that has none. */
  add(line: RawLine): Fault | undefined {
    const record = parseJournalLine(line.bytes.toString('utf8'))
    if (record === undefined || record.source !== this.#source)
      return this.#fault('inserted', line, 'is no record of it')
    const before = { seq: this.#seq, hash: this.#hash }
    this.#seq = record.seq
    this.#hash = line.hash
    this.#count += 1
    this.#oldest ??= record.at
    if (record.seq <= before.seq) return this.#fault('repeated', line, `stands behind record ${before.seq}`)
    if (record.seq > before.seq + 1)
      return this.#fault('missing', line, `steps over records ${before.seq + 1} to ${record.seq - 1}`, before.seq + 1)
    if (record.prev !== before.hash) return this.#fault('altered', line, 'does not follow the record before it')
    return undefined
  }

  #fault(kind: Fault['kind'], line: RawLine, says: string, seq = line.seq): Fault {
    const where = `line ${line.number} of ${line.file}`
    return {
      kind,
      says: `the journal of ${this.#source} is broken behind its last entry (${kind}): ${where} ${says}`,
      file: line.file,
      source: this.#source,
      ...(seq === undefined ? {} : { seq }),
    }
  }
}
