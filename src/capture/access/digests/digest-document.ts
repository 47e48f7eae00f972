import { z } from 'zod'

// CloudTrail user guide, "CloudTrail digest file structure". What the validation needs, and no more.

const text = z.string().max(2_048)
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, 'not a time of seconds in UTC')
const hex = z.string().regex(/^[0-9a-f]{1,64}$/i, 'not a SHA-256 in hex')

const logFileSchema = z.looseObject({
  s3Bucket: text,
  s3Object: text,
  hashValue: hex,
  hashAlgorithm: z.literal('SHA-256'),
})
/** A log file as a digest names it. */
export type NamedLog = z.infer<typeof logFileSchema>

const documentSchema = z.looseObject({
  awsAccountId: text,
  digestStartTime: time,
  digestEndTime: time,
  digestS3Bucket: text,
  digestS3Object: text,
  digestPublicKeyFingerprint: text,
  digestSignatureAlgorithm: z.literal('SHA256withRSA'),
  previousDigestS3Bucket: text.nullish(),
  previousDigestS3Object: text.nullish(),
  previousDigestHashValue: hex.nullish(),
  previousDigestSignature: z.string().max(8_192).nullable(),
  logFiles: z.array(logFileSchema),
})
/** A digest's content. */
export type DigestDocument = z.infer<typeof documentSchema>

/** The content, or the field that has not its form (`JSON` for all of it). */
export function parseDigestDocument(bytes: Buffer): { readonly document: DigestDocument } | { readonly field: string } {
  try {
    const parsed = documentSchema.safeParse(JSON.parse(bytes.toString('utf8')))
    if (!parsed.success) return { field: parsed.error.issues[0]?.path.join('.') || 'JSON' }
    const { digestStartTime, digestEndTime } = parsed.data
    for (const [field, value] of Object.entries({ digestStartTime, digestEndTime }))
      if (Number.isNaN(Date.parse(value))) return { field }
    return { document: parsed.data }
  } catch {
    return { field: 'JSON' }
  }
}

/** Whether a hash in hex is the one that was named; a leading zero that got lost in it is put back. */
export function sameHash(named: string, actual: string): boolean {
  return named.toLowerCase().padStart(64, '0') === actual
}
