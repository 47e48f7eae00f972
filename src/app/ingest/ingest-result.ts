/** A record that was not taken in: where it stands and why, never what it says. */
export interface Rejection {
  /** Number of the record in its file, from 1. */
  readonly position: number
  readonly code: string
}

/** What is taken in. */
export const ingestKinds = ['cloudtrail', 'invocations', 'gateway-log'] as const
/** One of them. */
export type IngestKind = (typeof ingestKinds)[number]

/** What became of one file. */
export interface IngestResult {
  readonly kind: IngestKind
  readonly fileId: string
  readonly records: number
  readonly duplicates: number
  readonly rejected: readonly Rejection[]
  /** Records that are model calls. */
  readonly calls: number
  /** When the first and the last of them were, ISO 8601; absent where there is none, or nothing was done. */
  readonly callSpan?: { readonly from: string; readonly to: string }
  /** The same bytes had been taken in before. */
  readonly already: boolean
}
