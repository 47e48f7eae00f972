import { z } from 'zod'
import { metadata } from './field-class.ts'

// What the hub does and shows, written down before it is done or shown.

const count = z.number().int().nonnegative()
const word = z.string().regex(/^[A-Za-z0-9_.:/+-]{0,128}$/)

/** The socket's owner, the program itself, or a session; never a name. */
const whoAsked = z.string().regex(/^(socket-owner|program|session-[0-9a-f]{8})$/)

/** A file was taken in. Its name may be a person's, so only its hash stands here. */
export const fileIngestedSchema = z.object({
  kind: metadata(z.enum(['cloudtrail', 'invocations', 'gateway-log'])),
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
  who: metadata(whoAsked),
  filters: metadata(z.array(word).max(32)),
})

/** Somebody is about to be shown who a person is, or what was said. */
export const sensitiveReadSchema = z.object({
  who: metadata(whoAsked),
  what: metadata(z.enum(['identity', 'content'])),
  alias: metadata(z.string().regex(/^[a-z0-9]{0,64}$/)),
  /** The call that it belongs to; empty where a whole session was read. */
  call: metadata(word.or(z.literal(''))),
  session: metadata(
    z
      .string()
      .regex(/^[0-9a-f-]{0,36}$/)
      .default(''),
  ),
  reason: metadata(z.enum(['incident', 'audit', 'data_subject_request', 'legal', 'support'])),
  /** The reader's words, sealed: they may name people. Base64. */
  words: metadata(z.string().regex(/^[A-Za-z0-9+/=]{1,4096}$/)),
})

/** A message of a queue was taken out of the way: it could not be read, named another place, or failed too often. */
export const messageSetAsideSchema = z.object({
  message: metadata(word),
  code: metadata(word),
  receives: metadata(count),
})

/** Invocation logging is about to be switched, by a documented decision. */
export const contentLoggingSchema = z.object({
  who: metadata(whoAsked),
  change: metadata(z.enum(['enabled', 'disabled'])),
  account: metadata(z.string().regex(/^\d{0,12}$/)),
  region: metadata(z.string().regex(/^[a-z0-9-]{1,32}$/)),
  destination: metadata(z.enum(['s3', 's3_cloudwatch', 'none'])),
  decision: metadata(word),
  /** A day, or empty: for good. */
  until: metadata(z.string().regex(/^(\d{4}-\d{2}-\d{2})?$/)),
  /** Why, and by whom, sealed: they name people. Base64. */
  words: metadata(z.string().regex(/^[A-Za-z0-9+/=]{1,4096}$/)),
})

const publishKind = z.enum(['directory', 's3', 'https'])

/** One row per type of act. */
export const hubActSchemas = {
  'hub.started': z.object({ version: metadata(word), simulated: metadata(z.boolean().default(false)) }),
  'hub.stopped': z.object({ version: metadata(word) }),
  'file.ingested': fileIngestedSchema,
  'snapshot.taken': snapshotTakenSchema,
  'answer.given': answerGivenSchema,
  'session.minted': z.object({
    by: metadata(whoAsked),
    who: metadata(whoAsked),
    roles: metadata(z.array(word).max(8)),
  }),
  'session.opened': z.object({ who: metadata(whoAsked), roles: metadata(z.array(word).max(8)) }),
  'session.closed': z.object({ who: metadata(whoAsked) }),
  'sensitive.read': sensitiveReadSchema,
  'content.logging': contentLoggingSchema,
  'message.set-aside': messageSetAsideSchema,
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
