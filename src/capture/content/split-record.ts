import { type JsonEntry, objectEntries } from '../../platform/json/object-entries.ts'

/** A value taken out of a log record: what a person or model wrote, or a name. `at` is its offset in the record's own bytes. */
export interface Cut {
  readonly path: string
  readonly class: 'content' | 'identity'
  readonly at: number
  readonly bytes: Buffer
}

/** A record without what must not lie in the open, and what was taken out. Putting the cuts back gives the bytes again. */
export interface SplitRecord {
  readonly envelope: string
  readonly cuts: readonly Cut[]
}

/**
 * What may stay in the envelope (AWS Bedrock user guide, model invocation logging). A field that is not listed is cut as
 * content: AWS may add one that holds text.
 */
const open: ReadonlySet<string> = new Set([
  'schemaType',
  'schemaVersion',
  'timestamp',
  'accountId',
  'region',
  'requestId',
  'operation',
  'modelId',
  'inferenceRegion',
  'errorCode',
  'status',
  'input.inputContentType',
  'input.inputBodyS3Path',
  'input.inputTokenCount',
  'input.cacheReadInputTokenCount',
  'input.cacheWriteInputTokenCount',
  'output.outputContentType',
  'output.outputBodyS3Path',
  'output.outputTokenCount',
])
const nested: ReadonlySet<string> = new Set(['input', 'output', 'identity'])
const identityPath = 'identity.arn'

/** Splits one record (valid JSON, an object); undefined when it is not one. */
export function splitRecord(record: Buffer): SplitRecord | undefined {
  const top = objectEntries(record)
  if (top === undefined) return undefined
  const cuts: Cut[] = []
  for (const entry of top) collect(record, entry, entry.key, cuts)
  let envelope = ''
  let from = 0
  for (const cut of cuts) {
    envelope += record.toString('utf8', from, cut.at)
    from = cut.at + cut.bytes.length
  }
  return { envelope: envelope + record.toString('utf8', from), cuts }
}

/** Puts a record together again from its envelope and the cuts in their order. */
export function joinRecord(
  envelope: string,
  cuts: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): Buffer {
  const source = Buffer.from(envelope, 'utf8')
  const parts: Uint8Array[] = []
  let taken = 0
  let at = 0
  for (const cut of cuts) {
    const before = cut.at - at
    parts.push(source.subarray(taken, taken + before), cut.bytes)
    taken += before
    at = cut.at + cut.bytes.length
  }
  parts.push(source.subarray(taken))
  return Buffer.concat(parts)
}

function collect(record: Buffer, entry: JsonEntry, path: string, cuts: Cut[]): void {
  if (open.has(path) && isScalar(record, entry)) return
  const members = nested.has(path) ? objectEntries(record, entry.start) : undefined
  if (members !== undefined) {
    for (const member of members) collect(record, member, `${path}.${member.key}`, cuts)
    return
  }
  cuts.push({
    path,
    class: path === identityPath ? 'identity' : 'content',
    at: entry.start,
    bytes: record.subarray(entry.start, entry.end),
  })
}

function isScalar(record: Buffer, entry: JsonEntry): boolean {
  const first = record[entry.start]
  return first !== 0x7b && first !== 0x5b && entry.end - entry.start <= 4096
}
