import type { Readable } from 'node:stream'

/** One object of a source: a file of a directory, a key of a bucket. */
export interface SourceObject {
  readonly key: string
  readonly bytes: number
  /** Changes when the object does (ETag, or size and time). */
  readonly version: string
}

/** A place that objects are taken from. Its address is configured; a key alone may come from data. */
export interface ObjectSource {
  /** For provenance: `s3://bucket/prefix` or the directory. */
  readonly origin: string
  /** Where bodies lie that a record names by an address of their own, where that is another place. */
  readonly bodies?: ObjectSource
  /** All objects in the order of their keys, those after `after` first asked for where the source can. Throws SOURCE_FAILED. */
  list(after?: string): AsyncIterable<SourceObject>
  /** The folders right below a prefix that ends in `/` (or is empty), each with its closing `/`; absent where the place has none. */
  folders?(prefix: string): Promise<readonly string[]>
  /** Objects below a prefix, those after `after` first asked for. Throws SOURCE_FAILED. */
  listBelow?(prefix: string, after?: string): AsyncIterable<SourceObject>
  /** The bytes of one object; SOURCE_FAILED when it is not there. */
  open(key: string): Promise<Readable>
}
