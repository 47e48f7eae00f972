import type { GzipHash, HashGzip } from '../../../platform/gzip-hash.ts'
import { isAbsent, type ObjectSource } from '../../../platform/objects/object-source.ts'
import { isTriptychError } from '../../../platform/triptych-error.ts'
import { type NamedLog, sameHash } from './digest-document.ts'
import type { DigestFindingCode } from './finding.ts'

/** What a log file is, held against the digest that names it; `undefined` code: as it was delivered. */
export interface LogCheck {
  readonly code: DigestFindingCode | undefined
  readonly detail: string
  /** SHA-256 of the unpacked bytes, hex; '' when they could not be unpacked. */
  readonly hash: string
}

/** Reads a log file and compares its unpacked bytes with the hash. Bytes behind the gzip are told even where the hash is right. */
export async function checkLog(
  source: ObjectSource,
  key: string,
  named: Pick<NamedLog, 'hashValue'>,
  hashGzip: HashGzip,
): Promise<LogCheck> {
  let read: GzipHash
  try {
    read = await hashGzip(await source.open(key))
  } catch (cause) {
    if (isAbsent(cause)) return { code: 'log_missing', detail: '', hash: '' }
    const reason = isTriptychError(cause, 'SOURCE_FAILED') ? cause.facts['reason'] : 'the connection broke off'
    return { code: 'object_unread', detail: String(reason ?? 'unknown'), hash: '' }
  }
  if (read.bytes === 0) return { code: 'log_empty', detail: '', hash: '' }
  if (read.fault !== undefined) return { code: 'log_unreadable', detail: read.fault, hash: '' }
  const { hash } = read
  if (!sameHash(named.hashValue, hash)) return { code: 'log_altered', detail: '', hash }
  if (read.trailing > 0) return { code: 'log_trailing_bytes', detail: `${read.trailing} bytes`, hash }
  return { code: undefined, detail: '', hash }
}
