import { createHash } from 'node:crypto'
import { pseudonymOf } from '../../record/access-event.ts'
import { aliasPattern } from '../../record/alias.ts'
import {
  type ForeignCall,
  type ForeignProduct,
  foreignCallSchema,
  foreignGatewayName,
} from '../../record/foreign-call.ts'
import { type IdentityEntry, identityEntrySchema } from '../../record/principal.ts'
import { readAgentgateway } from './agentgateway.ts'
import { readClaudeAppsGateway } from './claude-apps-gateway.ts'
import { readEnvoy } from './envoy.ts'
import { readKong } from './kong.ts'
import { readLiteLlm } from './litellm.ts'
import { readPortkey } from './portkey.ts'
import type { ForeignReader, ForeignRefusal, ToldCall, ToldPerson } from './reading.ts'

const readers: Readonly<Record<ForeignProduct, ForeignReader>> = {
  litellm: readLiteLlm,
  'claude-apps-gateway': readClaudeAppsGateway,
  kong: readKong,
  envoy: readEnvoy,
  agentgateway: readAgentgateway,
  portkey: readPortkey,
}

/** Whose log it is. */
export interface ForeignLog {
  readonly product: ForeignProduct
  /** Which installation of it. */
  readonly source: string
}

/** Who is behind an alias, for the vault. */
export interface AliasSeen {
  readonly alias: string
  readonly entry: IdentityEntry
}

/** A line of a log, read. */
export type ReadLine =
  | { readonly kind: 'call'; readonly call: ForeignCall; readonly identity: AliasSeen | undefined }
  | { readonly kind: 'not_a_call' }
  | { readonly kind: 'refused'; readonly code: ForeignRefusal }

/**
 * Reads one JSON value of a log. Never throws. The same name is the same pseudonym as in CloudTrail, so that a session that AWS
 * knows by somebody's address and a log that names that address lead to one person.
 */
export function readForeign(log: ForeignLog, value: unknown, pseudonymKey: Uint8Array): ReadLine {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'refused', code: 'not_an_object' }
  const reading = readers[log.product](value)
  if (reading.kind !== 'call') return reading
  const who = aliasOf(log, reading.person, pseudonymKey)
  const call = foreignCallSchema.safeParse(complete(log, reading.call, who?.alias ?? ''))
  if (!call.success) return { kind: 'refused', code: 'not_of_this_format' }
  return { kind: 'call', call: call.data, identity: who?.identity }
}

function complete({ product, source }: ForeignLog, told: ToldCall, alias: string): object {
  const startedAt = new Date(told.startedAt).toISOString()
  const endedAt = told.endedAt === undefined ? undefined : new Date(told.endedAt).toISOString()
  // A product that gives its requests no id is told apart by everything else that it says.
  const own = told.requestId === '' && told.awsRequestId === '' ? JSON.stringify({ ...told, alias }) : told.requestId
  const digest = createHash('sha256').update([source, startedAt, told.awsRequestId, own].join('\0')).digest('hex')
  return { ...told, product, source, alias, startedAt, endedAt, id: `${product}:${digest.slice(0, 24)}` }
}

const longestName = 4096

function aliasOf(
  log: ForeignLog,
  person: ToldPerson | undefined,
  key: Uint8Array,
): { readonly alias: string; readonly identity: AliasSeen | undefined } | undefined {
  const name = person?.email ?? person?.subject ?? ''
  if (person === undefined || name === '' || name.length > longestName) return undefined
  if (aliasPattern.test(name)) return { alias: name, identity: undefined }
  const alias = pseudonymOf(key, name)
  const entry = identityEntrySchema.safeParse({
    ...person,
    kind: person.email === undefined ? 'user' : 'person',
    issuer: foreignGatewayName(log.product, log.source),
  })
  return { alias, identity: entry.success ? { alias, entry: entry.data } : undefined }
}
