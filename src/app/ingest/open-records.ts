import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type RecordSlice, RecordSplitter } from '../../platform/json/split-records.ts'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import { isTriptychError } from '../../platform/triptych-error.ts'
import { unzip } from '../../platform/unzip.ts'

/** A record's own bytes, or why there are none. */
export type RawRecord =
  | { readonly kind: 'record'; readonly bytes: Buffer }
  | { readonly kind: 'bad'; readonly code: string }

/** A log file being read. Hash and size are of the bytes as received, and known at the end. */
export interface OpenedRecords {
  readonly records: AsyncIterable<RawRecord>
  sha256(): string
  bytes(): number
}

/** A request and a response of 25 MB each, escaped, fit; nothing honest is longer. */
const longestRecord = 128 * 1024 * 1024

/** Objects that hold one body each, not records (AWS Bedrock user guide: bodies over 100 KB). */
export function isSeparateBody(key: string): boolean {
  return /(^|\/)data\/[^/]+$/.test(key) || key.endsWith('amazon-bedrock-logs-permission-check')
}

/** Cuts bytes into records while they arrive. */
export interface Splitter {
  push(chunk: Buffer): readonly RecordSlice[]
  end(): readonly RecordSlice[]
}

/** Reads NDJSON, a list, `{"Records":[…]}` or single records, gz or plain. A gz that is cut off gives what was whole, then one `truncated_gzip`. */
export function openRecords(
  stream: Readable,
  split: (longest: number) => Splitter = (longest) => new RecordSplitter(longest),
): OpenedRecords {
  const hash = createHash('sha256')
  let size = 0
  const counted = async function* () {
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
      hash.update(bytes)
      size += bytes.length
      yield bytes
    }
  }
  let digest: string | undefined
  return {
    records: recordsIn(counted(), split(longestRecord)),
    sha256() {
      digest ??= hash.digest('hex')
      return digest
    },
    bytes: () => size,
  }
}

/** A body that stands by itself is at most a request or response of 25 MB, escaped. */
const longestBody = 64 * 1024 * 1024

/**
 * The body of a record that stands in an object of its own, unpacked; undefined when the source does not have it whole. A
 * source that cannot be read now is another matter: that throws, so that the file is tried again. Throws SOURCE_FAILED.
 */
export async function readSeparateBody(source: ObjectSource, s3Path: string): Promise<Buffer | undefined> {
  const key = keyWithin(source.origin, s3Path)
  if (key === undefined) return undefined
  const stream = await source.open(key).catch((cause: unknown) => {
    if (isTriptychError(cause, 'SOURCE_FAILED') && notThere.has(String(cause.facts['reason']))) return undefined
    throw cause
  })
  if (stream === undefined) return undefined
  const parts: Buffer[] = []
  let size = 0
  const unzipped = unzip(stream)
  for await (const chunk of unzipped.chunks) {
    size += chunk.length
    if (size > longestBody) return undefined
    parts.push(chunk)
  }
  return unzipped.fault() === undefined ? Buffer.concat(parts) : undefined
}

/** How a directory and a bucket say that there is no such object. */
const notThere: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'NoSuchKey', 'NotFound'])

/** Only within the configured source: an address in a log is data, not an instruction. */
function keyWithin(origin: string, s3Path: string): string | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Path) ?? []
  if (key === undefined) return undefined
  const own = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(origin)
  if (own !== null) return own[1] === bucket && key.startsWith(own[2] ?? '') ? key : undefined
  // A directory holds a copy of the bucket: the part from `AWSLogs/` on is the same.
  const at = key.indexOf('AWSLogs/')
  return at === -1 ? undefined : key.slice(at)
}

async function* recordsIn(bytes: AsyncIterable<Buffer>, splitter: Splitter): AsyncGenerator<RawRecord> {
  const unzipped = unzip(bytes)
  for await (const chunk of unzipped.chunks) for (const slice of splitter.push(chunk)) yield toRecord(slice)
  const fault = unzipped.fault()
  if (fault !== undefined) yield { kind: 'bad', code: fault }
  else for (const slice of splitter.end()) yield toRecord(slice)
}

function toRecord(slice: RecordSlice): RawRecord {
  return 'fault' in slice ? { kind: 'bad', code: slice.fault } : { kind: 'record', bytes: Buffer.from(slice.text) }
}
