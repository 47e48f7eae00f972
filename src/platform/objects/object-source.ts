import type { Readable } from 'node:stream'
import { isTriptychError } from '../triptych-error.ts'

/** One object of a source: a file of a directory, a key of a bucket. */
export interface SourceObject {
  readonly key: string
  readonly bytes: number
  /** Changes when the object does (ETag, or size and time). */
  readonly version: string
}

/** An object with what stands beside its bytes. */
export interface DescribedObject {
  readonly body: Readable
  /** User metadata; names in lower case, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>
  /** `s3://bucket/key` where it was delivered, as whoever copied it noted. */
  readonly original?: string
  /** What is wrong with the note beside it: a field, or `JSON`. */
  readonly metadataFault?: string
}

/** A place that objects are taken from. Its address is configured; a key alone may come from data. */
export interface ObjectSource {
  /** For provenance: `s3://bucket/prefix` or the directory. */
  readonly origin: string
  /** Where bodies lie that a record names by an address of their own, where that is another place. */
  readonly bodies?: ObjectSource
  /**
   * All objects in the order of their keys, those after `after` first asked for where the source can, and only those whose key
   * begins with `prefix`. Throws SOURCE_FAILED.
   */
  list(after?: string, prefix?: string): AsyncIterable<SourceObject>
  /** The folders right below a prefix that ends in `/` (or is empty), each with its closing `/`; absent where the place has none. */
  folders?(prefix: string): Promise<readonly string[]>
  /** The bytes of one object; SOURCE_FAILED when it is not there. */
  open(key: string): Promise<Readable>
}

/** A source that also knows what was said of an object when it was put. */
export interface DescribedSource extends ObjectSource {
  /** As `open`, with the object's user metadata. */
  openDescribed(key: string): Promise<DescribedObject>
}

const absent: ReadonlySet<unknown> = new Set(['NoSuchKey', 'NotFound', 'ENOENT', 'ENOTDIR', 'outside the directory'])

/** Whether opening failed because nothing lies there, and for no other reason. */
export function isAbsent(cause: unknown): boolean {
  return isTriptychError(cause, 'SOURCE_FAILED') && absent.has(cause.facts['reason'])
}
