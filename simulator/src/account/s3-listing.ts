// ListObjectsV2: paging, prefixes and delimiters (S3 API reference).
import type { ObjectStore, StoredObject } from './object-store.ts'

/** The questions of a listing. */
export interface ListRequest {
  readonly prefix: string
  readonly delimiter: string
  readonly startAfter: string
  readonly maxKeys: number
}

/** One page. */
export interface ListPage {
  readonly objects: readonly StoredObject[]
  readonly commonPrefixes: readonly string[]
  /** Where the next page starts, if there is one. */
  readonly next?: string
}

function commonPrefix(key: string, request: ListRequest): string | undefined {
  if (request.delimiter === '') return undefined
  const end = key.indexOf(request.delimiter, request.prefix.length)
  return end < 0 ? undefined : key.slice(0, end + request.delimiter.length)
}

/** One page of a listing; `startAfter` is exclusive and may be a common prefix already given. */
export function listPage(store: ObjectStore, bucket: string, request: ListRequest): ListPage {
  const objects: StoredObject[] = []
  const prefixes: string[] = []
  let last = ''
  for (const key of store.keys(bucket)) {
    if (!key.startsWith(request.prefix) || Buffer.compare(Buffer.from(key), Buffer.from(request.startAfter)) <= 0) continue
    const group = commonPrefix(key, request)
    if (group !== undefined && (group === prefixes.at(-1) || group === request.startAfter)) continue
    if (objects.length + prefixes.length >= request.maxKeys) return { objects, commonPrefixes: prefixes, next: last }
    const entry = store.head(bucket, key)
    if (group !== undefined) prefixes.push(group)
    else if (entry !== undefined) objects.push(entry)
    last = group ?? key
  }
  return { objects, commonPrefixes: prefixes }
}
