import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { type ModelId, parseModelId } from '../../../record/model-id.ts'
import { anthropicStream } from './anthropic-stream.ts'
import { bedrockPath } from './bedrock.ts'
import type { BedrockRequest, ClientRequest, Dialect } from './dialect.ts'

const bodySchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  anthropic_beta: z.array(z.string()).optional(),
})

/** Error types of the Messages API by HTTP status (Anthropic API reference, Errors). */
const errorTypes = new Map<number, string>([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [529, 'overloaded_error'],
])

/** The error type that a status stands for. */
export function errorTypeOf(status: number): string {
  return errorTypes.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}

/**
 * Anthropic Messages onto Bedrock InvokeModel: `model` and `stream` leave the body, `anthropic_version` and the beta list enter
 * it (AWS Bedrock user guide, Anthropic Claude Messages API).
 * @param names how this deployment maps Anthropic's model names to Bedrock's
 */
export function createAnthropicDialect(names: ReadonlyMap<string, string>): Dialect {
  return {
    name: 'anthropic',
    toBedrock: (request) => toBedrock(request, names),
    deliver(request, upstream, call) {
      if (!request.streaming) return { headers: messagesHeaders(upstream, call, 'application/json') }
      const { transform, observer } = anthropicStream()
      return { headers: messagesHeaders(upstream, call, 'text/event-stream; charset=utf-8'), transform, observer }
    },
    deliverError(status, upstream, body, call) {
      const headers = messagesHeaders(upstream, call, 'application/json')
      return { headers, body: Buffer.from(errorBody(errorTypeOf(status), wordingOf(body), call)) }
    },
    refuse: (status, code, says, facts, call) => ({
      headers: { 'content-type': 'application/json', 'request-id': call },
      body: errorBody(
        code === 'GATEWAY_BUDGET_SPENT' ? 'billing_error' : errorTypeOf(status),
        [`${code}: ${says}`, ...Object.entries(facts).map(([key, value]) => `${key}: ${value}`)].join('; '),
        call,
      ),
    }),
  }
}

function toBedrock(request: ClientRequest, names: ReadonlyMap<string, string>): BedrockRequest {
  const parsed = bodySchema.safeParse(parseJson(request.body))
  if (!parsed.success) {
    throw new TriptychError('GATEWAY_BODY_INVALID', { field: parsed.error.issues[0]?.path.join('.') || 'body' })
  }
  const { model: asked, stream, anthropic_beta, ...rest } = parsed.data
  const betas = [...new Set([...(anthropic_beta ?? []), ...betasOf(request.headers)])]
  const model = resolveModel(asked, names)
  const streaming = stream === true
  const operation = streaming ? 'InvokeModelWithResponseStream' : 'InvokeModel'
  const body = {
    ...rest,
    ...(betas.length > 0 ? { anthropic_beta: betas } : {}),
    anthropic_version: 'bedrock-2023-05-31',
  }
  return {
    operation,
    streaming,
    model,
    path: bedrockPath(model.asSent, operation),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  }
}

function resolveModel(asked: string, names: ReadonlyMap<string, string>): ModelId {
  const model = parseModelId(names.get(asked) ?? asked)
  if (model === undefined) throw new TriptychError('GATEWAY_MODEL_UNKNOWN', { field: 'model' })
  return model
}

function betasOf(headers: IncomingHttpHeaders): readonly string[] {
  const value = headers['anthropic-beta']
  const text = Array.isArray(value) ? value.join(',') : (value ?? '')
  return text
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '')
}

function messagesHeaders(upstream: IncomingHttpHeaders, call: string, contentType: string): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': contentType, 'request-id': call }
  for (const name of ['x-amzn-requestid', 'retry-after']) {
    const value = upstream[name]
    if (typeof value === 'string') headers[name] = value
  }
  return headers
}

/** AWS's wording, for the client's recovery matches on it. */
function wordingOf(body: Buffer): string {
  const parsed = z.object({ message: z.string().optional(), Message: z.string().optional() }).safeParse(parseJson(body))
  return parsed.data?.message ?? parsed.data?.Message ?? 'Bedrock gave no message'
}

function errorBody(type: string, message: string, call: string): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: call })
}
