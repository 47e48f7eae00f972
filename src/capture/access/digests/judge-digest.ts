import { verify } from 'node:crypto'
import type { DigestDocument } from './digest-document.ts'
import type { DigestFindingCode, DigestNoteCode } from './finding.ts'
import type { LoadedDigest } from './loaded-digest.ts'
import type { Places } from './places.ts'
import type { FoundKey, KeySource } from './public-keys.ts'

/** What was found out about one object, before it is known which hour and place it counts for. */
export interface Judgement {
  readonly findings: readonly { readonly code: DigestFindingCode; readonly file: string; readonly detail: string }[]
  readonly notes: readonly { readonly code: DigestNoteCode; readonly file: string }[]
}

/** A digest held against itself: place, key, signature. */
export interface DigestJudgement extends Judgement {
  /** CloudTrail signed what it says: its hashes and its words about the digest before it may be believed. */
  readonly signed: boolean
}

/**
 * Judges a digest by itself. `fromSuccessor` is the signature that the next digest says it has: only that is left of it where the
 * metadata is lost.
 */
export async function judgeDigest(
  digest: LoadedDigest,
  fromSuccessor: string | undefined,
  places: Places,
  keys: KeySource,
): Promise<DigestJudgement> {
  const { document, key } = digest
  const unread = readFault(digest)
  if (document === undefined || unread !== undefined)
    return { signed: false, notes: [], findings: unread === undefined ? [] : [{ file: key, ...unread }] }
  const findings: { code: DigestFindingCode; detail: string }[] = []
  const notes: DigestNoteCode[] = []
  if (digest.metadataFault !== undefined)
    findings.push({ code: 'metadata_unreadable', detail: `field ${digest.metadataFault}` })
  if (digest.trailing > 0) findings.push({ code: 'digest_trailing_bytes', detail: `${digest.trailing} bytes` })
  if (digest.name.backfill && digest.metadata['backfill-generation-timestamp'] === undefined)
    findings.push({ code: 'backfill_unstamped', detail: '' })
  const delivered = { bucket: document.digestS3Bucket, object: document.digestS3Object }
  const place = places.holds(key, delivered, digest.original)
  if (place === 'moved') notes.push('moved')
  if (place === 'no')
    findings.push({ code: 'digest_moved', detail: `it was delivered to s3://${delivered.bucket}/${delivered.object}` })
  const signature = await judgeSignature(digest, document, fromSuccessor, keys)
  findings.push(...signature.findings)
  if (signature.recovered) notes.push('signature_recovered')
  return {
    signed: signature.signed,
    findings: findings.map((finding) => ({ ...finding, file: key })),
    notes: notes.map((code) => ({ code, file: key })),
  }
}

function readFault(digest: LoadedDigest): { readonly code: DigestFindingCode; readonly detail: string } | undefined {
  if (digest.unread) return { code: 'object_unread', detail: digest.fault }
  if (digest.empty) return { code: 'digest_empty', detail: '' }
  return digest.fault === '' ? undefined : { code: 'digest_unreadable', detail: digest.fault }
}

interface SignatureJudgement {
  readonly signed: boolean
  readonly recovered: boolean
  readonly findings: readonly { readonly code: DigestFindingCode; readonly detail: string }[]
}

async function judgeSignature(
  digest: LoadedDigest,
  document: DigestDocument,
  fromSuccessor: string | undefined,
  keys: KeySource,
): Promise<SignatureJudgement> {
  const fingerprint = document.digestPublicKeyFingerprint
  const found = await keys.find(digest.name.region, fingerprint, signedAt(digest, document))
  if (found.kind !== 'found') return unsigned(...keyFault(found, fingerprint))
  const holds = (signature: string) => verifySignature(document, digest.hash, signature, found.key)
  const own = ownSignature(digest)
  if (own.signature === undefined) {
    if (fromSuccessor !== undefined && holds(fromSuccessor)) return { signed: true, recovered: true, findings: [] }
    return fromSuccessor === undefined
      ? unsigned('signature_missing', own.why)
      : unsigned('signature_invalid', 'by the signature that its successor names')
  }
  return holds(own.signature) ? { signed: true, recovered: false, findings: [] } : unsigned('signature_invalid', '')
}

function unsigned(code: DigestFindingCode, detail: string): SignatureJudgement {
  return { signed: false, recovered: false, findings: [{ code, detail }] }
}

function keyFault(found: FoundKey, fingerprint: string): [DigestFindingCode, string] {
  if (found.kind === 'elsewhere') return ['key_of_other_region', `fingerprint ${fingerprint} is of ${found.region}`]
  return [found.kind === 'unusable' ? 'key_unusable' : 'key_unknown', `fingerprint ${fingerprint}`]
}

function ownSignature({ metadata }: LoadedDigest): { readonly signature: string | undefined; readonly why: string } {
  const signature = metadata['signature']
  if (signature === undefined) return { signature, why: 'no `signature` in the metadata' }
  // The AWS command line asks for the algorithm's name too, and so do we: both are put together.
  if (metadata['signature-algorithm'] === undefined)
    return { signature: undefined, why: 'no `signature-algorithm` in the metadata' }
  return { signature, why: '' }
}

/** Backfill digests are signed when they are made, others soon after their window. ms. */
function signedAt(digest: LoadedDigest, document: DigestDocument): number {
  const stamped = Date.parse(digest.metadata['backfill-generation-timestamp'] ?? '')
  return digest.name.backfill && !Number.isNaN(stamped) ? stamped : Date.parse(document.digestEndTime)
}

/** The text that is signed: end, place, hash of the content, signature before (CloudTrail user guide, custom validation). */
export function stringToSign(
  document: Pick<DigestDocument, 'digestEndTime' | 'digestS3Bucket' | 'digestS3Object' | 'previousDigestSignature'>,
  hash: string,
): string {
  const { digestEndTime, digestS3Bucket, digestS3Object, previousDigestSignature } = document
  return `${digestEndTime}\n${digestS3Bucket}/${digestS3Object}\n${hash}\n${previousDigestSignature ?? 'null'}`
}

function verifySignature(
  document: DigestDocument,
  hash: string,
  signature: string,
  key: Parameters<typeof verify>[2],
): boolean {
  if (!/^(?:[0-9a-f]{2})+$/i.test(signature)) return false
  return verify('sha256', Buffer.from(stringToSign(document, hash)), key, Buffer.from(signature, 'hex'))
}
