import { createHash } from 'node:crypto'
import { type DescribedSource, isAbsent, type SourceObject } from '../../../platform/objects/object-source.ts'
import { readGzip } from '../../../platform/read-gzip.ts'
import { isTriptychError } from '../../../platform/triptych-error.ts'
import type { DeliveredName } from './delivered-name.ts'
import { type DigestDocument, parseDigestDocument } from './digest-document.ts'

/** The name of a digest, read. */
export type DigestName = Extract<DeliveredName, { kind: 'digest' }>

/** A digest as it lies in the source, nothing judged yet. */
export interface LoadedDigest {
  readonly key: string
  readonly name: DigestName
  readonly empty: boolean
  /** What it says; undefined when it could not be read, for the reason in `fault`. */
  readonly document: DigestDocument | undefined
  /** SHA-256 of the unpacked bytes, hex; '' when they could not be unpacked. */
  readonly hash: string
  /** `not_gzip`, `field logFiles.0.s3Object`, or why reading failed. */
  readonly fault: string
  /** The fault is one of reading, not of what was read. */
  readonly unread: boolean
  readonly trailing: number
  readonly metadata: Readonly<Record<string, string>>
  readonly metadataFault: string | undefined
  readonly original: string | undefined
}

/** No digest comes near this; what is larger is none. */
const mostBytes = 16_777_216

/** Reads a digest and its metadata; undefined when nothing lies there. */
export async function loadDigest(
  source: DescribedSource,
  name: DigestName,
  object: Pick<SourceObject, 'key' | 'bytes'>,
): Promise<LoadedDigest | undefined> {
  const none = {
    key: object.key,
    name,
    empty: object.bytes === 0,
    document: undefined,
    hash: '',
    fault: '',
    unread: false,
    trailing: 0,
    metadata: {},
    metadataFault: undefined,
    original: undefined,
  }
  try {
    const { body, metadata, metadataFault, original } = await source.openDescribed(object.key)
    const held: Buffer[] = []
    const { fault, trailing, bytes } = await readGzip(body, (part) => held.push(part), mostBytes)
    const loaded = { ...none, metadata, metadataFault, original, trailing, empty: bytes === 0 }
    if (fault !== undefined) return { ...loaded, fault }
    const content = Buffer.concat(held)
    const hash = createHash('sha256').update(content).digest('hex')
    const parsed = parseDigestDocument(content)
    return 'document' in parsed
      ? { ...loaded, hash, document: parsed.document }
      : { ...loaded, hash, fault: `field ${parsed.field}` }
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    if (!isTriptychError(cause, 'SOURCE_FAILED')) return { ...none, unread: true, fault: 'the connection broke off' }
    return { ...none, unread: true, fault: String(cause.facts['reason'] ?? 'unknown') }
  }
}
