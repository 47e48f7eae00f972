import { type DigestDocument, sameHash } from './digest-document.ts'
import type { DigestFindingCode, DigestNoteCode } from './finding.ts'
import type { Judgement } from './judge-digest.ts'
import type { LoadedDigest } from './loaded-digest.ts'
import type { Places } from './places.ts'

/** How a digest stands to what was before it. */
export interface Link {
  readonly digest: LoadedDigest
  readonly document: DigestDocument
  /** The digest before it by time, of the same trail and region. */
  readonly before: LoadedDigest | undefined
  /** Loads a digest of the source by its key. */
  readonly load: (key: string) => Promise<LoadedDigest | undefined>
  readonly places: Places
}

type Codes = {
  readonly code: DigestFindingCode
  readonly file: string
  readonly detail: string
}

/** Judges what a digest says about the one before it: that it is there, is the same, and that its window ends where this begins. */
export async function judgeLink(link: Link): Promise<Judgement> {
  const { digest, document, before } = link
  const { previousDigestS3Bucket: bucket, previousDigestS3Object: object } = document
  if (bucket === null || bucket === undefined || object === null || object === undefined) return judgeBegin(link)
  const key = link.places.keyOf({ bucket, object }, digest.key)
  if (key === undefined)
    return only({ code: 'chain_elsewhere', file: digest.key, detail: `the one before is s3://${bucket}/${object}` })
  const isBefore = before !== undefined && (before.key === key || before.document?.digestS3Object === object)
  const previous = isBefore ? before : await link.load(key)
  const findings: Codes[] = []
  // One that is skipped and older is no business of this digest: the one it names is what counts.
  if (!isBefore && before !== undefined && previous !== undefined && before.name.at > previous.name.at)
    findings.push({ code: 'digest_unlinked', file: before.key, detail: `${digest.key} names ${key}` })
  if (previous === undefined) {
    findings.push({ code: 'digest_missing', file: key, detail: `named by ${digest.key}` })
    return { findings, notes: [] }
  }
  const hash = judgeHash(digest, document, previous)
  findings.push(...hash.findings, ...judgePreviousSignature(digest, document, previous))
  findings.push(...judgeWindow(digest, document, previous))
  return { findings, notes: hash.notes }
}

function judgeBegin({ digest, document, before }: Link): Judgement {
  if (before === undefined || digest.name.backfill)
    return { findings: [], notes: [{ code: 'chain_begins', file: digest.key }] }
  const end = before.document?.digestEndTime ?? new Date(before.name.at).toISOString()
  const detail = `nothing is digested between ${end} and ${document.digestStartTime}`
  return only({ code: 'chain_restarted', file: digest.key, detail })
}

function judgeHash(digest: LoadedDigest, document: DigestDocument, previous: LoadedDigest) {
  const findings: Codes[] = []
  const notes: { code: DigestNoteCode; file: string }[] = []
  const named = document.previousDigestHashValue ?? ''
  // Of a digest that cannot be unpacked there is no hash to compare, and a finding already.
  if (previous.hash === '') return { findings, notes }
  if (!sameHash(named, previous.hash))
    findings.push({ code: 'previous_hash_wrong', file: digest.key, detail: `the one before is ${previous.key}` })
  else if (named.length < 64) notes.push({ code: 'hash_padded', file: digest.key })
  return { findings, notes }
}

function judgePreviousSignature(digest: LoadedDigest, document: DigestDocument, previous: LoadedDigest) {
  const own = previous.metadata['signature']
  if (own === undefined || own === document.previousDigestSignature) return []
  const detail = `the one before is ${previous.key}`
  return [{ code: 'previous_signature_wrong', file: digest.key, detail } as const]
}

/** Backfill digests have the windows of what was late: theirs need not touch. */
function judgeWindow(digest: LoadedDigest, document: DigestDocument, previous: LoadedDigest): readonly Codes[] {
  if (digest.name.backfill || previous.document === undefined) return []
  const end = Date.parse(previous.document.digestEndTime)
  const start = Date.parse(document.digestStartTime)
  // Of files that changed places the windows mean nothing.
  if (start === end || previous.name.at !== end || digest.name.at !== Date.parse(document.digestEndTime)) return []
  const detail = `${previous.document.digestEndTime} to ${document.digestStartTime}`
  return [{ code: start > end ? 'time_gap' : 'time_overlap', file: digest.key, detail }]
}

function only(finding: Codes): Judgement {
  return { findings: [finding], notes: [] }
}
