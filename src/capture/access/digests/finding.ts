/**
 * Everything that can be wrong with delivered logs and their digests. Codes are for ever; docs/operate/cloudtrail-digests.md has
 * each of them, which a test checks.
 */
export const digestFindings = {
  chain_elsewhere: {
    says: 'the chain goes on in a bucket that was not given',
    fix: 'verify that bucket too, or copy both into one place and name it with --original',
  },
  chain_restarted: {
    says: 'a new chain begins, as after logging or validation was off or the trail was made anew',
    fix: 'find StopLogging, UpdateTrail or DeleteTrail in the hour before; what was delivered in between is in no digest',
  },
  digest_empty: {
    says: 'the digest is an object without bytes',
    fix: 'look for who emptied it (S3 versions, data events); restore the version before',
  },
  digest_missing: {
    says: 'a digest that its successor names is not there',
    fix: 'look for its deletion (S3 versions, data events) and restore it; CloudTrail writes none twice',
  },
  digest_moved: {
    says: 'the digest does not lie where it was delivered',
    fix: 'put it back, or say where the files lay with --original',
  },
  digest_trailing_bytes: {
    says: 'bytes follow the end of the compressed digest',
    fix: 'the signed part is read all the same; find out who appended them',
  },
  digest_unlinked: {
    says: 'the digest lies between two of a chain and no digest names it',
    fix: 'it was added, or its successor was replaced: keep all three',
  },
  digest_unreadable: {
    says: 'the digest cannot be read',
    fix: 'it was altered or damaged: restore the version before from S3 or a copy',
  },
  backfill_unstamped: {
    says: 'a backfill digest has no backfill-generation-timestamp in its metadata',
    fix: 'copy objects with their metadata',
  },
  key_of_other_region: {
    says: 'the digest is signed with the key of another region',
    fix: 'it was copied from there or made up: compare it with the digest of that region',
  },
  key_unknown: {
    says: 'no public key of the region has the fingerprint that the digest names',
    fix: 'get the keys of that region and time with ListPublicKeys; if AWS has none, the digest is not by CloudTrail',
  },
  key_unusable: {
    says: 'the public key cannot be used',
    fix: 'get the keys anew with ListPublicKeys',
  },
  log_altered: {
    says: 'the content of the log file is not the one that CloudTrail delivered',
    fix: 'keep it, restore the version before, and find who wrote it (S3 versions, data events)',
  },
  log_empty: {
    says: 'the log file is an object without bytes, and its digest names content',
    fix: 'restore the version before; find who emptied it',
  },
  log_missing: {
    says: 'a log file that a digest names is not there',
    fix: 'look for its deletion (S3 versions, data events, lifecycle rules) and restore it',
  },
  log_moved: {
    says: 'the log file is whole but does not lie where it was delivered',
    fix: 'put it back, or note where it was in a metadata file beside it',
  },
  log_swapped: {
    says: 'the log file has the content of another one',
    fix: 'both were exchanged: restore the versions before',
  },
  log_trailing_bytes: {
    says: 'bytes follow the end of the compressed log file',
    fix: 'readers of more than one gzip member would take them for records: restore the version before',
  },
  log_undigested: {
    says: 'a log file is named by no digest',
    fix: 'it was put there by somebody else, or delivered while validation was off: find who wrote it',
  },
  log_unreadable: {
    says: 'the log file cannot be unpacked',
    fix: 'it was altered or damaged: restore the version before',
  },
  logs_before_chain: {
    says: 'log files are older than the first digest',
    fix: 'they were delivered before validation was on, or the digests of that time are gone',
  },
  metadata_unreadable: {
    says: 'the metadata file beside it has not its form',
    fix: 'write it as `aws s3api head-object` answers',
  },
  newest_missing: {
    says: 'the newest digests are not there',
    fix: 'see GetTrailStatus (LatestDigestDeliveryError): trail stopped, validation off or bucket policy; else they were deleted',
  },
  no_digests: {
    says: 'there are log files and no digest at all',
    fix: 'switch log file validation on; if it was on, the digests were deleted',
  },
  object_unread: {
    says: 'an object could not be read, so nothing is known about it',
    fix: 'check permissions, encryption key and storage class, then verify again',
  },
  previous_hash_wrong: {
    says: 'the digest before is not the one that this digest was written after',
    fix: 'the one before was replaced or altered: restore its version before',
  },
  previous_signature_wrong: {
    says: 'the digest before has another signature in its metadata than this digest says',
    fix: 'the metadata of the one before was replaced: restore its version before',
  },
  signature_invalid: {
    says: 'the signature does not belong to the digest',
    fix: 'the digest or its metadata was altered: restore the version before',
  },
  signature_missing: {
    says: 'the signature is not at hand: it stands in the metadata of the S3 object alone',
    fix: 'copy the metadata too (`aws s3api head-object … > FILE.metadata.json`)',
  },
  time_gap: {
    says: 'the digest begins after the one before it ended',
    fix: 'what was delivered in between is in no digest: ask AWS, which signed both',
  },
  time_overlap: {
    says: 'the digest begins before the one before it ended',
    fix: 'keep both: CloudTrail’s windows do not overlap',
  },
} as const satisfies Record<string, { readonly says: string; readonly fix: string }>

/** A stable code; match on it, not on the text. */
export type DigestFindingCode = keyof typeof digestFindings

/** All of them. */
export const digestFindingCodes: readonly DigestFindingCode[] = Object.keys(digestFindings).filter(
  (code): code is DigestFindingCode => Object.hasOwn(digestFindings, code),
)

/** One thing that is wrong, with the object it is wrong with. */
export interface DigestFinding {
  readonly code: DigestFindingCode
  readonly account: string
  readonly region: string
  /** Begin of the hour that it is counted in, ms; undefined where it belongs to none. */
  readonly hour: number | undefined
  /** The object's key in the source, or the location that was named. */
  readonly file: string
  /** The particulars, as a clause; '' when there are none. */
  readonly detail: string
}

/** What is worth knowing and no finding. */
export const digestNotes = {
  chain_begins: 'a chain begins here; nothing is known about what was before',
  hash_padded: 'the previous hash has lost leading zeros; it was compared with them',
  moved: 'the file lies elsewhere than it was delivered, as was said; it is valid',
  not_logs: 'objects that are no log files were passed over (folder markers, permission checks)',
  pending: 'log files are newer than the newest digest, which is still due',
  signature_recovered: 'the signature came from the digest’s successor',
} as const

/** One of them. */
export type DigestNoteCode = keyof typeof digestNotes

/** All of them. */
export const digestNoteCodes: readonly DigestNoteCode[] = Object.keys(digestNotes).filter(
  (code): code is DigestNoteCode => Object.hasOwn(digestNotes, code),
)

/** A note with how often it was made and where first. */
export interface DigestNote {
  readonly code: DigestNoteCode
  readonly file: string
  readonly count: number
}
