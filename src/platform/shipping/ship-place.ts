/**
 * A place on another machine where pieces of journals are put, once each, and found again: a directory or a bucket. Pieces lie in
 * folders, `<source>/records` and `<source>/identities`, under names that sort. All methods throw JOURNAL_UNSHIPPED.
 */
export interface ShipPlace {
  /** The directory, or `s3://bucket/prefix`. */
  readonly origin: string
  /** The folders at its top, sorted. */
  sources(): Promise<readonly string[]>
  /** The first name of a folder that sorts behind `after`; undefined when there is none. */
  next(folder: string, after: string): Promise<string | undefined>
  /** Undefined when nothing stands under the name. */
  read(folder: string, name: string): Promise<Buffer | undefined>
  /** Durable when it resolves with true; false, and nothing is touched, when something stands under the name. */
  create(folder: string, name: string, bytes: Buffer): Promise<boolean>
}

/** A piece is never longer than this, bytes; what is longer was not put there by us. */
export const longestPiece = 64 * 1024 * 1024

const digits = 12

/** `000000000042.jsonl`: the piece that begins with record, or byte, 42. Two writers who both go on from there meet in this name. */
export function pieceName(first: number): string {
  return `${String(first).padStart(digits, '0')}.jsonl`
}

/** Sorts before the name of every piece that begins at `first` or behind it. */
export function beforePiece(first: number): string {
  return String(first).padStart(digits, '0')
}

/** Where a piece begins, out of its name; undefined for a name that is none of ours. */
export function firstOf(name: string): number | undefined {
  const found = /^(\d{12})\.jsonl$/.exec(name)?.[1]
  return found === undefined ? undefined : Number(found)
}
