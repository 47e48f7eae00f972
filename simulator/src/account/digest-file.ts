import { type KeyObject, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { sha256 } from './canonical-request.ts'
import type { DigestedLog, PreviousDigest } from './digest-state.ts'
import type { UserMetadata } from './object-store.ts'

/** Everything that makes a digest. Times in ms. */
export interface DigestParts {
  readonly accountId: string
  readonly region: string
  readonly trail: string
  readonly homeRegion: string
  readonly bucket: string
  /** What stands before the account in keys: `AWSLogs`, with an organisation `AWSLogs/o-…`, perhaps a prefix in front. */
  readonly root: string
  readonly start: number
  readonly end: number
  readonly previous: PreviousDigest | null
  readonly files: readonly Omit<DigestedLog, 'at'>[]
  readonly signer: { readonly key: KeyObject; readonly fingerprint: string }
  /** When a backfill digest was made, ms. */
  readonly backfilledAt?: number
}

/** A digest as it lies in S3. */
export interface WrittenDigest {
  readonly key: string
  readonly body: Buffer
  readonly metadata: UserMetadata
  /** What the next digest says of this one. */
  readonly asPrevious: PreviousDigest
}

/**
 * Writes and signs a digest (CloudTrail user guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail
 * log file integrity validation"). The signature covers end, place, hash of the content and the previous signature.
 */
export function writeDigest(parts: DigestParts): WrittenDigest {
  const { bucket, previous } = parts
  const key = keyOf(parts)
  const end = seconds(parts.end)
  const times = parts.files.flatMap(({ newest, oldest }) => [newest, oldest]).sort()
  const text = JSON.stringify({
    awsAccountId: parts.accountId,
    digestStartTime: seconds(parts.start),
    digestEndTime: end,
    digestS3Bucket: bucket,
    digestS3Object: key,
    digestPublicKeyFingerprint: parts.signer.fingerprint,
    digestSignatureAlgorithm: 'SHA256withRSA',
    newestEventTime: times.at(-1) ?? null,
    oldestEventTime: times[0] ?? null,
    previousDigestS3Bucket: previous === null ? null : bucket,
    previousDigestS3Object: previous?.key ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous === null ? null : 'SHA-256',
    previousDigestSignature: previous?.signature ?? null,
    logFiles: parts.files.map((file) => ({
      s3Bucket: bucket,
      s3Object: file.key,
      hashValue: file.hash,
      hashAlgorithm: 'SHA-256',
      newestEventTime: file.newest,
      oldestEventTime: file.oldest,
    })),
  })
  const hash = sha256(text)
  const toSign = `${end}\n${bucket}/${key}\n${hash}\n${previous?.signature ?? 'null'}`
  const signature = sign('sha256', Buffer.from(toSign), parts.signer.key).toString('hex')
  const backfill =
    parts.backfilledAt === undefined ? {} : { 'backfill-generation-timestamp': seconds(parts.backfilledAt) }
  return {
    key,
    body: gzipSync(text),
    metadata: { signature, 'signature-algorithm': 'SHA256withRSA', ...backfill },
    asPrevious: { key, hash, signature },
  }
}

function keyOf({ root, accountId, region, trail, homeRegion, end, backfilledAt }: DigestParts): string {
  const stamp = seconds(end).replace(/[-:]/g, '')
  const day = seconds(end).slice(0, 10).replaceAll('-', '/')
  const late = backfilledAt === undefined ? '' : '_backfill'
  const name = `${accountId}_CloudTrail-Digest_${region}_${trail}_${homeRegion}_${stamp}${late}.json.gz`
  return `${root}/${accountId}/CloudTrail-Digest/${region}/${day}/${name}`
}

function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
