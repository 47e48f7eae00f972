import { TriptychError } from '../../../platform/triptych-error.ts'
import { parseModelId } from '../../../record/model-id.ts'
import type { Operation } from '../../../record/operation.ts'
import { decodeSegment } from '../decode-segment.ts'
import type { BedrockRequest, ClientRequest, Dialect } from './dialect.ts'
import { answerHeaders, requestHeaders } from './headers.ts'

const verbs: Readonly<Partial<Record<Operation, string>>> = {
  InvokeModel: 'invoke',
  InvokeModelWithResponseStream: 'invoke-with-response-stream',
  Converse: 'converse',
  ConverseStream: 'converse-stream',
  CountTokens: 'count-tokens',
}

/** Bedrock's own protocol: body bytes pass as they came, answers as they come. */
export const bedrockDialect: Dialect = {
  name: 'bedrock',
  toBedrock(request: ClientRequest): BedrockRequest {
    if (request.route.kind !== 'bedrock') throw new TriptychError('GATEWAY_ROUTE_UNKNOWN')
    const { operation, streaming, modelSegment } = request.route
    const model = parseModelId(decodeSegment(modelSegment))
    if (model === undefined) throw new TriptychError('GATEWAY_MODEL_UNKNOWN', { field: 'modelId' })
    const path = bedrockPath(model.asSent, operation)
    return { operation, streaming, model, path, headers: requestHeaders(request.headers), body: request.body }
  },
  deliver: (_request, upstream, call) => ({ headers: answerHeaders(upstream, call) }),
  deliverError: (_status, upstream, body, call) => ({ headers: answerHeaders(upstream, call), body }),
  refuse(status, code, says, facts, call) {
    const awsType =
      status === 401 || status === 403
        ? 'AccessDeniedException'
        : status === 429
          ? 'ThrottlingException'
          : status < 500
            ? 'ValidationException'
            : 'ServiceUnavailableException'
    const named = Object.entries(facts).map(([key, value]) => `${key}: ${value}`)
    const message = [`${code}: ${says}`, ...named].join('; ')
    return {
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': awsType, 'request-id': call },
      body: JSON.stringify({ message }),
    }
  },
}

/** The path on the wire: one encoded segment for the model (RFC 3986 unreserved characters stay). */
export function bedrockPath(model: string, operation: Operation): string {
  return `/model/${encodeURIComponent(model)}/${verbs[operation] ?? 'invoke'}`
}
