import { z } from 'zod'
import { content, identity, metadata } from './field-class.ts'
import { operations } from './operation.ts'

/** How a caller can be verified. */
export const credentials = ['oidc', 'service_key', 'client_certificate', 'trusted_proxy'] as const

/** A label from a claim: team, project, cost centre. The charset that STS session tags allow, at most 64 characters. */
export const labelPattern = /^[\p{L}\p{N}_.:/=+\- ]{1,64}$/u

const labels = z.array(z.string().regex(labelPattern)).max(256)

/** Who called, as a verified credential says. Identity stays in the vault; records carry the alias. */
export const principalSchema = z.object({
  kind: metadata(z.enum(['person', 'service'])),
  /** How it was verified. */
  credential: metadata(z.enum(credentials)),
  issuer: identity(z.string().max(512)),
  subject: identity(z.string().min(1).max(512)),
  email: identity(z.string().max(320).optional()),
  name: identity(z.string().max(256).optional()),
  groups: metadata(z.array(z.string().max(256)).max(256)),
  team: metadata(z.string().regex(labelPattern).optional()),
  project: metadata(z.string().regex(labelPattern).optional()),
  costCentre: metadata(z.string().regex(labelPattern).optional()),
  /** Among which values the caller may choose, call by call; absent: none but its own. */
  choices: metadata(z.object({ team: labels, project: labels, costCentre: labels }).optional()),
  /** What a service key was made for; absent: whatever the policy allows. */
  scope: metadata(z.object({ models: z.array(z.string()), operations: z.array(z.enum(operations)) }).optional()),
})

/** Who called. */
export type Principal = z.infer<typeof principalSchema>

/** What the client says of itself and nobody verified; kept only in a strict grammar, else `malformed`. */
export const claimsSchema = z.object({
  session: metadata(z.string().regex(/^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|malformed)?$/)),
  agent: metadata(z.string().regex(/^([0-9a-f]{8,64}|malformed)?$/)),
  parentAgent: metadata(z.string().regex(/^([0-9a-f]{8,64}|malformed)?$/)),
})

/** The client's own claims. */
export type Claims = z.infer<typeof claimsSchema>

/** What a person's vault entry says: the only place where alias and name meet. */
export const identityEntrySchema = z.object({
  kind: metadata(z.enum(['person', 'service', 'session', 'user', 'address'])),
  issuer: identity(z.string().max(512)),
  subject: identity(z.string().max(512)),
  email: identity(z.string().max(320).optional()),
  name: identity(z.string().max(256).optional()),
  note: content(z.string().max(1024).optional()),
})

/** A vault entry. */
export type IdentityEntry = z.infer<typeof identityEntrySchema>
