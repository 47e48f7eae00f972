import { z } from 'zod'
import { roles } from '../../access/roles.ts'

/** POST /session: the word of the one-time link that `triptych up` prints. */
export const signInSchema = z.strictObject({ link: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })

/** GET /session, and what POST /session answers. */
export const sessionSchema = z.object({
  /** Not a name: how this session is called in the hub's journal. */
  id: z.string(),
  roles: z.array(z.enum(roles)),
  startedAt: z.string(),
  expiresAt: z.string(),
  simulated: z.boolean(),
  version: z.string(),
})
/** Who is signed in. */
export type SessionAnswer = z.infer<typeof sessionSchema>

/** Why identity or content is read; the hub's journal has the words sealed. */
export const reasonSchema = z.strictObject({
  kind: z.enum(['incident', 'audit', 'data_subject_request', 'legal', 'support']),
  text: z.string().trim().min(10).max(500),
})
/** Why identity or content is read. */
export type Reason = z.infer<typeof reasonSchema>

/** What POST /calls/:id/content takes: a reason, and from which byte on. */
export const contentReadSchema = reasonSchema.extend({ from: z.number().int().min(0).default(0) })

/** POST /calls/:id/identity */
export const identitySchema = z.object({
  alias: z.string(),
  kind: z.string(),
  issuer: z.string(),
  subject: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** The record of this read in the hub's journal. */
  recordedAs: z.string(),
})
/** POST /calls/:id/identity */
export type IdentityAnswer = z.infer<typeof identitySchema>

/** POST /calls/:id/content: what was said, as it was logged; text is data, whatever it looks like. */
export const contentSchema = z.object({
  parts: z.array(
    z.object({
      part: z.enum(['input', 'output']),
      state: z.string(),
      bytes: z.number(),
      /** From this byte on; `bytes` says how much there is. */
      from: z.number(),
      text: z.string(),
      shownBytes: z.number(),
      sha256: z.string(),
    }),
  ),
  recordedAs: z.string(),
})
/** POST /calls/:id/content */
export type ContentAnswer = z.infer<typeof contentSchema>
