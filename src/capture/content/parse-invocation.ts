import { z } from 'zod'
import { metadataKeys } from '../../record/call-id.ts'
import type { ContentRecord } from '../../record/content-record.ts'
import { isOperation } from '../../record/operation.ts'

const count = z.number().int().nonnegative().optional().catch(undefined)
const text = z.string().optional().catch(undefined)

const rawSchema = z.object({
  timestamp: z.string(),
  requestId: z.string().regex(/^[A-Za-z0-9-]{1,128}$/),
  accountId: text,
  region: text,
  operation: text,
  modelId: text,
  inferenceRegion: text,
  errorCode: text,
  identity: z.object({ arn: text }).optional().catch(undefined),
  requestMetadata: z.record(z.string(), z.unknown()).optional().catch(undefined),
  input: z
    .object({
      inputContentType: text,
      inputBodyJson: z.unknown().optional(),
      inputBodyS3Path: text,
      inputTokenCount: count,
      cacheReadInputTokenCount: count,
      cacheWriteInputTokenCount: count,
    })
    .optional()
    .catch(undefined),
  output: z
    .object({
      outputContentType: text,
      outputBodyJson: z.unknown().optional(),
      outputBodyS3Path: text,
      outputTokenCount: count,
    })
    .optional()
    .catch(undefined),
})

/** A principal's ARN with the names in it replaced, and the alias or pseudonym it ends in. */
export interface NamelessPrincipal {
  readonly arn: string
  readonly alias: string
}

/** What a record says, before it is decided what becomes of its bodies. */
export interface ParsedInvocation {
  readonly record: Omit<
    ContentRecord,
    | 'session'
    | 'inputState'
    | 'outputState'
    | 'inputBytes'
    | 'outputBytes'
    | 'inputMac'
    | 'outputMac'
    | 'inputRef'
    | 'outputRef'
  >
  readonly arn: string
  readonly inputS3Path: string | undefined
  readonly outputS3Path: string | undefined
  /** The record names the type of a body that stands nowhere. */
  readonly inputLost: boolean
  readonly outputLost: boolean
}

/** Reads one record of the invocation log; undefined when it is none (no request id or no readable time). Never throws. */
export function parseInvocation(
  value: unknown,
  nameless: (arn: string) => NamelessPrincipal,
): ParsedInvocation | undefined {
  const parsed = rawSchema.safeParse(value)
  if (!parsed.success) return undefined
  const raw = parsed.data
  const at = Date.parse(raw.timestamp)
  if (Number.isNaN(at)) return undefined
  const arn = raw.identity?.arn ?? ''
  const principal = nameless(arn)
  const operation = inForm(raw.operation, /^[A-Za-z]{1,64}$/)
  return {
    record: {
      requestId: raw.requestId,
      timestamp: new Date(at).toISOString(),
      operation,
      operationKnown: isOperation(operation) ? operation : undefined,
      account: inForm(raw.accountId, /^\d{0,12}$/),
      region: inForm(raw.region, /^[a-z0-9-]{1,32}$/),
      modelAsSent: raw.modelId === undefined ? '' : inForm(raw.modelId, /^[A-Za-z0-9:._/-]{1,2048}$/) || 'malformed',
      principalArn: principal.arn,
      principalAlias: principal.alias,
      inferenceRegion: inForm(raw.inferenceRegion, /^[a-z0-9-]{1,32}$/),
      ...metadataOf(operation, raw.requestMetadata),
      inputTokens: raw.input?.inputTokenCount,
      outputTokens: raw.output?.outputTokenCount,
      cacheReadTokens: raw.input?.cacheReadInputTokenCount,
      cacheWriteTokens: raw.input?.cacheWriteInputTokenCount,
      errorCode: inForm(raw.errorCode, /^[A-Za-z0-9_.:-]{1,96}$/),
      stopReason: stopReasonOf(raw.output?.outputBodyJson),
    },
    arn,
    inputS3Path: raw.input?.inputBodyS3Path,
    outputS3Path: raw.output?.outputBodyS3Path,
    inputLost: isLost(raw.input?.inputContentType, raw.input?.inputBodyJson, raw.input?.inputBodyS3Path),
    outputLost: isLost(raw.output?.outputContentType, raw.output?.outputBodyJson, raw.output?.outputBodyS3Path),
  }
}

/**
 * Only what our gateways set, and only where they do: on InvokeModel operations our keys overwrite a client's, on Converse the
 * metadata is the client's own claim. Whatever else was sent stays in the cut.
 */
function metadataOf(
  operation: string,
  sent: Readonly<Record<string, unknown>> | undefined,
): {
  callId: string
  metadataAlias: string
} {
  const metadata = operation.startsWith('InvokeModel') ? sent : undefined
  return {
    callId: inForm(metadata?.[metadataKeys.call], /^[0-9a-z]{38}$/),
    metadataAlias: inForm(metadata?.[metadataKeys.alias], /^p[0-9a-z]{20}$/),
  }
}

function isLost(type: string | undefined, body: unknown, s3Path: string | undefined): boolean {
  return type !== undefined && body === undefined && s3Path === undefined
}

function inForm(value: unknown, form: RegExp): string {
  return typeof value === 'string' && form.test(value) ? value : ''
}

const messageSchema = z.object({ stop_reason: z.string().nullish(), stopReason: z.string().nullish() })
const deltaSchema = z.object({
  type: z.literal('message_delta'),
  delta: z.object({ stop_reason: z.string().nullish() }),
})

/** From a message, a Converse answer, or the events of a stream (the last element may be the bare string `[DONE]`). */
function stopReasonOf(body: unknown): string {
  const form = /^[a-z_]{1,48}$/
  if (!Array.isArray(body)) {
    const message = messageSchema.safeParse(body)
    return inForm(message.data?.stop_reason ?? message.data?.stopReason, form)
  }
  for (const event of body.toReversed()) {
    const delta = deltaSchema.safeParse(event)
    if (delta.success) return inForm(delta.data.delta.stop_reason, form)
  }
  return ''
}
