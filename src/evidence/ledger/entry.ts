import { TriptychError } from '../../platform/triptych-error.ts'

/** What an entry says: this record of this source exists. It holds no record, only what commits to one. */
export interface LedgerEntry {
  readonly source: string
  /** The record's number in its source, from 1. */
  readonly seq: number
  readonly type: string
  /** SHA-256 of the record as it is at rest, hexadecimal. */
  readonly commit: string
}

const form =
  /^\{"commit":"([0-9a-f]{64})","seq":([1-9]\d{0,15}),"source":"([a-z0-9-]{1,64})","type":"([a-z]+(?:\.[a-z-]+)+)","v":1\}$/

/** The one text of an entry: canonical JSON (RFC 8785), so members are sorted. Throws LEDGER_ENTRY_INVALID for values out of form. */
export function entryText({ source, seq, type, commit }: LedgerEntry): string {
  const text = `{"commit":"${commit}","seq":${seq},"source":"${source}","type":"${type}","v":1}`
  if (!form.test(text)) throw new TriptychError('LEDGER_ENTRY_INVALID', { seq })
  return text
}

/** Reads an entry; undefined for any other text, a differently written one of the same meaning included. */
export function parseEntry(text: string): LedgerEntry | undefined {
  const found = form.exec(text)
  if (found === null) return undefined
  const [, commit = '', seq = '', source = '', type = ''] = found
  return Number.isSafeInteger(Number(seq)) ? { source, seq: Number(seq), type, commit } : undefined
}
