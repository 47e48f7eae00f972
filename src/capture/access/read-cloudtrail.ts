import { type RecordSlice, RecordSplitter } from '../../platform/json/split-records.ts'
import { isTriptychError } from '../../platform/triptych-error.ts'
import { unzip } from '../../platform/unzip.ts'
import { longestRecord, type ReadRecord, type RejectedRecord, rejectionReasons } from '../../record/access-event.ts'
import { readAccessEvent } from './to-access-event.ts'

type Rejection = keyof typeof rejectionReasons

/**
 * Reads a CloudTrail file, gzip or plain, in any form `RecordSplitter` knows. Every record comes out, in its order, as an
 * event or as a rejection; one that is broken never stops the file. A truncated gzip gives what was whole, then a rejection.
 * Throws only what reading `bytes` throws.
 */
export async function* readCloudTrail(
  bytes: AsyncIterable<Uint8Array>,
  pseudonymKey: Uint8Array,
): AsyncGenerator<ReadRecord> {
  const unzipped = unzip(bytes)
  const splitter = new RecordSplitter(longestRecord)
  let position = 0
  for await (const chunk of unzipped.chunks) {
    for (const slice of splitter.push(chunk)) yield readSlice(slice, ++position, pseudonymKey)
  }
  const fault = unzipped.fault()
  if (fault !== undefined) {
    yield reject(position + 1, fault)
    return
  }
  for (const slice of splitter.end()) yield readSlice(slice, ++position, pseudonymKey)
}

function readSlice(slice: RecordSlice, position: number, key: Uint8Array): ReadRecord {
  if ('fault' in slice) return reject(position, slice.fault)
  const parsed = parse(slice.text)
  if (parsed === undefined) return reject(position, 'not_json')
  try {
    const { event, identities } = readAccessEvent(parsed.value, key)
    return { position, event, identities }
  } catch (cause) {
    if (!isTriptychError(cause, 'RECORD_INVALID')) throw cause
    return reject(position, rejectionOf(cause.facts['rejection']))
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function reject(position: number, code: Rejection): { position: number; rejected: RejectedRecord } {
  return { position, rejected: { position, code, reason: rejectionReasons[code] } }
}

function rejectionOf(code: string | number | boolean | undefined): Rejection {
  const known = Object.keys(rejectionReasons).find((one): one is Rejection => one === code)
  return known ?? 'not_an_object'
}
