import { z } from 'zod'
import { metadata } from './field-class.ts'

// What the hub does and shows, written down before it is done or shown.

const count = z.number().int().nonnegative()
const word = z.string().regex(/^[A-Za-z0-9_.:/+-]{0,128}$/)

/** A file was taken in. Its name may be a person's, so only its hash stands here. */
export const fileIngestedSchema = z.object({
  kind: metadata(z.enum(['cloudtrail', 'invocations'])),
  fileId: metadata(z.string().regex(/^[0-9a-f]{64}$/)),
  records: metadata(count),
  duplicates: metadata(count),
  rejected: metadata(count),
})

/** What the account's configuration said at a moment: the ground of coverage. */
export const snapshotTakenSchema = z.object({
  layer: metadata(z.enum(['access', 'content'])),
  account: metadata(z.string().regex(/^\d{0,12}$/)),
  region: metadata(z.string().regex(/^[a-z0-9-]{1,32}$/)),
  state: metadata(z.enum(['on', 'off', 'unknown'])),
  /** One of our own sentences. */
  reason: metadata(z.string().regex(/^[A-Za-z0-9 ,.:;()'_/-]{0,200}$/)),
  takenAt: metadata(z.iso.datetime()),
})

/** An answer is about to be given: over which surface, to whom, with which filters in use. */
export const answerGivenSchema = z.object({
  surface: metadata(word),
  /** The socket's owner, until people sign in. */
  who: metadata(z.enum(['socket-owner', 'program'])),
  filters: metadata(z.array(word).max(32)),
})

const publishKind = z.enum(['directory', 's3', 'https'])

/** One row per type of act. */
export const hubActSchemas = {
  'hub.started': z.object({ version: metadata(word), simulated: metadata(z.boolean().default(false)) }),
  'hub.stopped': z.object({ version: metadata(word) }),
  'file.ingested': fileIngestedSchema,
  'snapshot.taken': snapshotTakenSchema,
  'answer.given': answerGivenSchema,
  'journal.broken': z.object({ source: metadata(word), afterSeq: metadata(count) }),
  'identities.kept': z.object({ count: metadata(count), unreadable: metadata(count) }),
  'ledger.conflict': z.object({ source: metadata(word), seq: metadata(count) }),
  'ledger.broken': z.object({ code: metadata(word) }),
  'ledger.forked': z.object({ kind: metadata(publishKind), size: metadata(count) }),
  'checkpoint.published': z.object({ kind: metadata(publishKind), size: metadata(count) }),
  'store.rebuilt': z.object({ files: metadata(count), records: metadata(count) }),
} as const

/** The type of a hub's act. */
export type HubActType = keyof typeof hubActSchemas
/** The body of an act of one type. */
export type HubAct<T extends HubActType> = z.infer<(typeof hubActSchemas)[T]>
