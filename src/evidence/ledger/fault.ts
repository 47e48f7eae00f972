/** What can be wrong with evidence. */
export type FaultKind = 'altered' | 'missing' | 'reordered' | 'repeated' | 'inserted' | 'truncated' | 'forked'

/** One fault: what, where, in a sentence. Places that are not known are left out. */
export interface Fault {
  readonly kind: FaultKind
  readonly says: string
  /** Below the data directory, or below the log's for a log alone. */
  readonly file?: string
  /** Of the entry, from 0. */
  readonly index?: number
  readonly source?: string
  readonly seq?: number
}
