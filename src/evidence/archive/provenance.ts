import { z } from 'zod'

/** What may be archived. */
export const archiveKinds = ['cloudtrail', 'digests', 'invocations', 'journal', 'flowlogs', 'gateway-logs'] as const
/** One kind of archived file. */
export type ArchiveKind = (typeof archiveKinds)[number]

/** What is written beside every archived file. */
export const provenanceSchema = z.object({
  v: z.literal(1),
  kind: z.enum(archiveKinds),
  /** Of the bytes as received. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  /** The file's own name where it came from. */
  name: z.string(),
  /** Where it came from: a path or an S3 address. */
  origin: z.string(),
  receivedAt: z.iso.datetime(),
  /** S3's metadata of the object: the newest digest's signature stands nowhere else. */
  metadata: z.record(z.string(), z.string()).optional(),
})

/** Where a file came from and what it was. */
export type Provenance = z.infer<typeof provenanceSchema>
