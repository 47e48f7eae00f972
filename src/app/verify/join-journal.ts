import type { LedgerEntry } from '../../evidence/ledger/entry.ts'
import type { Fault, FaultKind } from '../../evidence/ledger/fault.ts'
import { type Backlog, JournalBacklog } from './journal-backlog.ts'
import type { JournalCursor, RawLine } from './journal-cursor.ts'

/** Entries of one journal, in their order, held against its lines. */
export class JournalJoin {
  readonly #cursor: JournalCursor
  readonly #source: string
  #matched = new Set<string>()
  #matchedBefore = new Set<string>()
  #last: LedgerEntry | undefined
  #records = 0
  #ended = false

  constructor(source: string, cursor: JournalCursor) {
    this.#source = source
    this.#cursor = cursor
  }

  /** Records that are as their entries say. */
  get records(): number {
    return this.#records
  }

  /** What is wrong around the next entry's record. */
  async check(index: number, entry: LedgerEntry): Promise<readonly Fault[]> {
    const faults: Fault[] = []
    for (;;) {
      const line = await this.#cursor.peek()
      if (line === undefined) return [...faults, ...this.#atEnd(index, entry)]
      if (line.hash === entry.commit) {
        this.#match(entry)
        this.#cursor.advance()
        return line.seq === entry.seq ? faults : [...faults, this.#fault('altered', line, index, entry.seq)]
      }
      const ahead = await this.#cursor.findAhead(entry.commit)
      if (isOfBefore(line, entry, ahead)) {
        faults.push(this.#extra(line, index))
        this.#cursor.advance()
        continue
      }
      return [...faults, this.#differs(line, ahead, index, entry)]
    }
  }

  /** What stands behind the last entry: records that wait, and lines that do not belong there. */
  async rest(): Promise<Backlog & { readonly faults: readonly Fault[] }> {
    const faults: Fault[] = []
    const lastSeq = this.#last?.seq ?? 0
    const backlog = new JournalBacklog(this.#source, this.#last)
    for (let line = await this.#cursor.peek(); line !== undefined; line = await this.#cursor.peek()) {
      const isBefore = line.seq !== undefined && line.seq <= lastSeq
      const fault = isBefore ? this.#extra(line, undefined) : backlog.add(line)
      if (fault !== undefined) faults.push(fault)
      this.#cursor.advance()
    }
    return { ...backlog.found(), faults }
  }

  #match(entry: LedgerEntry): void {
    this.#records += 1
    this.#last = entry
    this.#matched.add(entry.commit)
    if (this.#matched.size < mostRemembered) return
    this.#matchedBefore = this.#matched
    this.#matched = new Set()
  }

  #atEnd(index: number, entry: LedgerEntry): readonly Fault[] {
    const { seq } = entry
    this.#last = entry
    if (this.#ended) return []
    this.#ended = true
    const says = `the journal of ${this.#source} is truncated: it ends before record ${seq}, which is entry ${index}`
    return [{ kind: 'truncated', says, file: this.#cursor.fileOf(seq), index, source: this.#source, seq }]
  }

  /** The record of the entry does not stand where it should. */
  #differs(line: RawLine, ahead: number | undefined, index: number, entry: LedgerEntry): Fault {
    this.#last = entry
    if (ahead !== undefined) {
      this.#cursor.take(ahead)
      this.#match(entry)
      return this.#fault('reordered', line, index, entry.seq)
    }
    if (line.seq === undefined || line.seq === entry.seq) {
      this.#cursor.advance()
      return this.#fault('altered', line, index, entry.seq)
    }
    const says = `record ${entry.seq} of ${this.#source} is missing: entry ${index} commits to it`
    return { kind: 'missing', says, file: this.#cursor.fileOf(entry.seq), index, source: this.#source, seq: entry.seq }
  }

  #extra(line: RawLine, index: number | undefined): Fault {
    const isKnown = this.#matched.has(line.hash) || this.#matchedBefore.has(line.hash)
    const kind = isKnown ? 'repeated' : 'inserted'
    const says = `line ${line.number} of ${line.file} is ${kind}: no entry of the ledger commits to it there`
    return { kind, says, file: line.file, source: this.#source, ...(index === undefined ? {} : { index }) }
  }

  #fault(kind: FaultKind, line: RawLine, index: number, seq: number): Fault {
    const says = `record ${seq} of ${this.#source} is ${kind}: line ${line.number} of ${line.file} is not what entry ${index} commits to`
    return { kind, says, file: line.file, index, source: this.#source, seq }
  }
}

/** So many records back, and up to twice as many, a repetition is recognised as one. */
const mostRemembered = 50_000

/** A line in front of the right one: an older number, or one more than there should be. */
function isOfBefore(line: RawLine, entry: LedgerEntry, ahead: number | undefined): boolean {
  if (line.seq !== undefined && line.seq < entry.seq) return true
  return ahead !== undefined && (line.seq === undefined || line.seq === entry.seq)
}
