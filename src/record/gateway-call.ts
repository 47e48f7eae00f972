import { z } from 'zod'
import { aliasSchema } from './alias.ts'
import { callIdSchema } from './call-id.ts'
import { metadata } from './field-class.ts'
import { operations } from './operation.ts'
import { outcomes } from './outcome.ts'
import { credentials, labelPattern } from './principal.ts'

// Layer 2's records. No field can hold a prompt, a response or free text: each string has a grammar.

const code = z.string().regex(/^[A-Za-z0-9_.:-]{0,96}$/)
const count = z.number().int().nonnegative()
const label = z.string().regex(labelPattern).or(z.literal(''))
const awsRequestId = z.string().regex(/^[A-Za-z0-9-]{0,128}$/)
const modelAsSent = z.string().regex(/^[A-Za-z0-9:._/-]{1,2048}$/)
const session = z.string().regex(/^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|malformed)?$/)
const policyVersion = z.string().regex(/^[A-Za-z0-9_.:+@-]{0,64}$/)
const ruleName = z.string().regex(/^[A-Za-z0-9_.:-]{0,64}$/)
const agent = z.string().regex(/^([0-9a-f]{8,64}|malformed)?$/)

/** Where a label of a call can come from: a token's claim, the service key, a header or metadata that the claims allow, the policy. */
export const attributionSources = ['claim', 'key', 'header', 'metadata', 'policy', 'none'] as const

/** How a call was held against limits. */
export const limitsStates = ['none', 'checked', 'unchecked'] as const
/** One of them. */
export type LimitsState = (typeof limitsStates)[number]

const gatewayPrefix = 'gateway-'

/** The name of a gateway's journal, and of its alias book; `tag` as call ids carry it. */
export function gatewaySource(tag: string): string {
  return `${gatewayPrefix}${tag}`
}

/** Whether a journal is a gateway's. */
export function isGatewaySource(source: string): boolean {
  return source.startsWith(gatewayPrefix)
}

/** Written, and durable, before the first byte goes upstream. */
export const callIntentSchema = z.object({
  call: metadata(callIdSchema),
  alias: metadata(aliasSchema),
  principal: metadata(z.enum(['person', 'service'])),
  credential: metadata(z.enum(credentials)),
  operation: metadata(z.enum(operations)),
  dialect: metadata(z.enum(['bedrock', 'anthropic'])),
  streaming: metadata(z.boolean()),
  model: metadata(modelAsSent),
  region: metadata(code),
  account: metadata(z.string().regex(/^\d{0,12}$/)),
  team: metadata(label),
  project: metadata(label),
  /** Where the team comes from. */
  attribution: metadata(z.enum(attributionSources)),
  projectFrom: metadata(z.enum(attributionSources).default('none')),
  costCentre: metadata(label.default('')),
  costCentreFrom: metadata(z.enum(attributionSources).default('none')),
  /** Which policy allowed it (version and digest of its file), and by which rule. */
  policy: metadata(policyVersion.default('')),
  rule: metadata(ruleName.default('')),
  /** Whether it was held against limits; `unchecked`: their counts were away and the configuration lets calls pass. */
  limits: metadata(z.enum(limitsStates).default('none')),
  session: metadata(session),
  agent: metadata(agent),
  parentAgent: metadata(agent),
  bodyBytes: metadata(count),
  /** Keyed hash of the body: equal bodies show, the body does not. */
  bodyMac: metadata(z.string().regex(/^[0-9a-f]{32}$/)),
  startedAt: metadata(z.iso.datetime()),
  /** The account behind it is a simulated one. */
  simulated: metadata(z.boolean().default(false)),
})

/** A call about to be sent. */
export type CallIntent = z.infer<typeof callIntentSchema>

/** The same call sent once more: a pooled socket failed before a byte was written, or the session had expired. */
export const callAttemptSchema = z.object({
  call: metadata(callIdSchema),
  alias: metadata(aliasSchema),
  attempt: metadata(z.number().int().min(2).max(2)),
  reason: metadata(z.enum(['socket', 'expired_token'])),
  awsRequestId: metadata(awsRequestId),
})

/** A second attempt. */
export type CallAttempt = z.infer<typeof callAttemptSchema>

/** Where a token count was read: the frame, header or body it came from. */
export const tokenSources = ['invocation_metrics', 'usage_event', 'body', 'header', 'none'] as const

/** What a meter read off an answer. A number nobody measured is absent, never zero. */
export const meteringSchema = z.object({
  inputTokens: metadata(count.optional()),
  outputTokens: metadata(count.optional()),
  cacheReadTokens: metadata(count.optional()),
  cacheWriteTokens: metadata(count.optional()),
  /** Of the cache writes those that last an hour. */
  cacheWrite1hTokens: metadata(count.optional()),
  tokensFrom: metadata(z.enum(tokenSources)),
  stopReason: metadata(z.string().regex(/^[a-z_]{0,48}$/)),
  /** The stream's last frame, or the whole body, was seen. */
  complete: metadata(z.boolean()),
  /** An exception frame in mid-stream, by its name. */
  streamError: metadata(code),
})

/** What a meter read. */
export type Metering = z.infer<typeof meteringSchema>

/** However the call ended. It repeats the intent, so that it stands alone. */
export const callOutcomeSchema = callIntentSchema.extend({
  result: metadata(z.enum(outcomes)),
  httpStatus: metadata(z.number().int().min(0).max(999)),
  errorCode: metadata(code),
  awsRequestId: metadata(awsRequestId),
  accessKeyId: metadata(z.string().regex(/^[A-Z0-9]{0,128}$/)),
  ...meteringSchema.shape,
  /** Millionths of a US dollar by the price list of that day; absent where the model has no price or a count is not known. */
  costMicroUsd: metadata(count.optional()),
  /** The day of that price list. */
  pricesOf: metadata(z.iso.date().optional()),
  firstByteMs: metadata(count.optional()),
  durationMs: metadata(count),
  responseBytes: metadata(count),
  attempts: metadata(z.number().int().min(0).max(2)),
  /** Where the intent stands in the same journal. */
  intentSeq: metadata(count),
  endedAt: metadata(z.iso.datetime()),
})

/** A call that ended. */
export type CallOutcome = z.infer<typeof callOutcomeSchema>

/** A request that the gateway stopped; nothing went upstream. */
export const callRefusalSchema = z.object({
  call: metadata(callIdSchema),
  alias: metadata(aliasSchema.or(z.literal(''))),
  code: metadata(code),
  httpStatus: metadata(z.number().int().min(400).max(599)),
  operation: metadata(z.enum(operations).or(z.literal(''))),
  dialect: metadata(z.enum(['bedrock', 'anthropic'])),
  model: metadata(modelAsSent.or(z.literal('')).or(z.literal('malformed'))),
  region: metadata(code),
  account: metadata(z.string().regex(/^\d{0,12}$/)),
  team: metadata(label),
  project: metadata(label),
  costCentre: metadata(label.default('')),
  /** Which policy, and rule, refused it; empty where neither had to be asked. */
  policy: metadata(policyVersion.default('')),
  rule: metadata(ruleName.default('')),
  bodyBytes: metadata(count),
  startedAt: metadata(z.iso.datetime()),
  /** The account behind it is a simulated one. */
  simulated: metadata(z.boolean().default(false)),
})

/** A refused request. */
export type CallRefusal = z.infer<typeof callRefusalSchema>

/** Every AssumeRole of the gateway, so that a session in AWS's logs leads back to whom it was opened for. */
export const sessionOpenedSchema = z.object({
  alias: metadata(aliasSchema),
  accessKeyId: metadata(z.string().regex(/^[A-Z0-9]{16,128}$/)),
  role: metadata(z.string().regex(/^arn:[A-Za-z0-9:/_+=,.@-]{1,512}$/)),
  team: metadata(label),
  project: metadata(label),
  openedAt: metadata(z.iso.datetime()),
  expiresAt: metadata(z.iso.datetime()),
  simulated: metadata(z.boolean().default(false)),
})

/** An STS session the gateway opened. */
export type SessionOpened = z.infer<typeof sessionOpenedSchema>

/** A policy that came into force, or a file that was refused: then the policy named stays in force. */
export const policyChangedSchema = z.object({
  state: metadata(z.enum(['in_force', 'refused'])),
  policy: metadata(policyVersion),
  /** Why the file was refused. */
  code: metadata(code),
})

/** What became of a policy file. */
export type PolicyChanged = z.infer<typeof policyChangedSchema>

/** The counts that limits are held against went away, or came back. */
export const limitsChangedSchema = z.object({
  state: metadata(z.enum(['away', 'back'])),
  onFailure: metadata(z.enum(['refuse', 'allow'])),
})

/** What became of the counts. */
export type LimitsChanged = z.infer<typeof limitsChangedSchema>

/** Says that nothing happened, so that silence and loss differ. */
export const heartbeatSchema = z.object({
  inFlight: metadata(count),
  /** Refusals of unknown callers since the last heartbeat that have no record of their own. */
  refusedUnrecorded: metadata(count.default(0)),
  version: metadata(z.string().regex(/^[0-9A-Za-z.+-]{1,32}$/)),
  simulated: metadata(z.boolean().default(false)),
})

/** One row per record type: its name in the journal and its form. */
export const gatewayRecordSchemas = {
  'call.intent': callIntentSchema,
  'call.attempt': callAttemptSchema,
  'call.outcome': callOutcomeSchema,
  'call.refused': callRefusalSchema,
  'session.opened': sessionOpenedSchema,
  'policy.changed': policyChangedSchema,
  'limits.changed': limitsChangedSchema,
  'gateway.heartbeat': heartbeatSchema,
} as const
