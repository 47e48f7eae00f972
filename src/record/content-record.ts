import { z } from 'zod'
import { metadata } from './field-class.ts'
import { operations } from './operation.ts'

// Layer 3's record: what Bedrock's invocation log says of a call, without what was said in it.

const count = z.number().int().nonnegative()
const form = (pattern: RegExp) => z.string().regex(pattern)

/**
 * What became of a body: kept in the vault, not kept by policy, in an object that was not found, not in the log at all, or lost on the
 * way there (CloudWatch drops bodies over 100 KB where no bucket takes them).
 */
export const bodyStates = ['kept', 'not_kept', 'separate', 'absent', 'lost'] as const

/** An entry of the invocation log (AWS Bedrock user guide, model invocation logging, schema 1.0). */
export const contentRecordSchema = z.object({
  requestId: metadata(form(/^[A-Za-z0-9-]{1,128}$/)),
  /** Invocation time, whole seconds. */
  timestamp: metadata(z.iso.datetime()),
  operation: metadata(form(/^[A-Za-z]{0,64}$/)),
  operationKnown: metadata(z.enum(operations).optional()),
  account: metadata(form(/^\d{0,12}$/)),
  region: metadata(form(/^[a-z0-9-]{0,32}$/)),
  modelAsSent: metadata(form(/^([A-Za-z0-9:._/-]{1,2048}|malformed)?$/)),
  /** `identity.arn` with every name in it replaced by its pseudonym. */
  principalArn: metadata(z.string().max(2048)),
  principalAlias: metadata(z.string().max(128)),
  inferenceRegion: metadata(form(/^[a-z0-9-]{0,32}$/)),
  /** From request metadata, only where the gateway set it: a claim until its MAC is checked. */
  callId: metadata(form(/^([0-9a-z]{38})?$/)),
  metadataAlias: metadata(form(/^(p[0-9a-z]{20})?$/)),
  /** The session that the client wrote into the request: a claim. Not read where content is not kept. */
  session: metadata(form(/^([0-9a-f-]{36})?$/).default('')),
  inputTokens: metadata(count.optional()),
  outputTokens: metadata(count.optional()),
  cacheReadTokens: metadata(count.optional()),
  cacheWriteTokens: metadata(count.optional()),
  errorCode: metadata(form(/^[A-Za-z0-9_.:-]{0,96}$/)),
  stopReason: metadata(form(/^[a-z_]{0,48}$/)),
  inputState: metadata(z.enum(bodyStates)),
  outputState: metadata(z.enum(bodyStates)),
  inputBytes: metadata(count),
  outputBytes: metadata(count),
  /** Keyed hashes of the bodies. */
  inputMac: metadata(form(/^([0-9a-f]{32})?$/)),
  outputMac: metadata(form(/^([0-9a-f]{32})?$/)),
  /** Where they stand in the vault. */
  inputRef: metadata(form(/^(\d{4}-\d{2}\/\d+\/\d+)?$/)),
  outputRef: metadata(form(/^(\d{4}-\d{2}\/\d+\/\d+)?$/)),
})

/** An entry of the invocation log. */
export type ContentRecord = z.infer<typeof contentRecordSchema>
