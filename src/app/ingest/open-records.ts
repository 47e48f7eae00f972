import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { ObjectSource } from '../../platform/objects/object-source.ts'

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

/** Reads NDJSON, gz or plain. A gz that is cut off gives what was whole, then one `truncated_gzip`. */
export function openRecords(stream: Readable): OpenedRecords {
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
    records: lines(plain(counted())),
    sha256() {
      digest ??= hash.digest('hex')
      return digest
    },
    bytes: () => size,
  }
}

/** The body of a record that stands in an object of its own, unpacked; undefined when the source does not have it. */
export async function readSeparateBody(source: ObjectSource, s3Path: string): Promise<Buffer | undefined> {
  const key = keyWithin(source.origin, s3Path)
  if (key === undefined) return undefined
  try {
    const parts: Buffer[] = []
    for await (const chunk of plain(await source.open(key))) parts.push(chunk)
    return Buffer.concat(parts)
  } catch {
    return undefined
  }
}

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

async function* plain(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  const rest = async function* () {
    yield first.value
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) return
      yield next.value
    }
  }
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* unzipped(rest())
  else yield* rest()
}

async function* unzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  // An error of either side reaches the reader through the destroyed stream.
  pipeline(Readable.from(source), gunzip, () => undefined)
  for await (const chunk of gunzip) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawRecord> {
  let rest: Buffer = Buffer.alloc(0)
  let failure: string | undefined
  try {
    for await (const chunk of chunks) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let end = rest.indexOf(10)
      while (end !== -1) {
        if (rest.subarray(0, end).some((byte) => byte > 0x20))
          yield { kind: 'record', bytes: Buffer.from(rest.subarray(0, end)) }
        rest = rest.subarray(end + 1)
        end = rest.indexOf(10)
      }
      if (rest.length > longestRecord) {
        failure = 'record_too_long'
        break
      }
    }
  } catch {
    failure = 'truncated_gzip'
  }
  if (failure !== undefined) yield { kind: 'bad', code: failure }
  else if (rest.some((byte) => byte > 0x20)) yield { kind: 'record', bytes: rest }
}
