import { type Outcome, outcomeOfStatus } from '../../record/outcome.ts'
import { modelSent, placeOf, providerOfUpstream, wentToBedrock } from './bedrock-call.ts'
import { at, awsRequestIdIn, count, counted, forms, milliseconds, moment, status, text } from './loose-fields.ts'
import { callAt, type ForeignReading, notACall, refused } from './reading.ts'

// Envoy AI Gateway: the JSON access log with its dynamic metadata. Source: aigateway.envoyproxy.io, "Access Logs With AI/LLM/MCP
// Metadata". The names are those of the documented configuration; AWS's request id is there where a line for it was added.

/** Reads an access log line. */
export function readEnvoy(line: object): ForeignReading {
  if (!Object.hasOwn(line, 'response_code') && !Object.hasOwn(line, 'start_time')) return refused('not_of_this_format')
  const model = modelSent(at(line, 'genai_model_name_override')) || modelSent(at(line, 'genai_model_name'))
  if (model === '') return notACall
  const startedAt = moment(at(line, 'start_time'), 1)
  if (startedAt === undefined) return refused('no_time')
  const awsRequestId = awsRequestIdIn(line) || text(at(line, 'aws.request_id'), forms.awsRequestId)
  if (!wentToBedrock(providerOfUpstream(at(line, 'genai_backend_name')), model, awsRequestId)) return notACall
  const durationMs = milliseconds(count(at(line, 'duration')))
  const httpStatus = status(at(line, 'response_code'))
  return {
    kind: 'call',
    call: {
      ...callAt(startedAt),
      endedAt: durationMs === undefined ? undefined : startedAt + durationMs,
      requestId: text(at(line, 'x-request-id'), forms.requestId),
      awsRequestId,
      model,
      ...placeOf(model, at(line, ':authority')),
      httpStatus,
      result: resultOf(httpStatus, text(at(line, 'response_flags'), /^[A-Z,]{1,64}$/)),
      inputTokens: counted(at(line, 'genai_tokens_input')),
      outputTokens: counted(at(line, 'genai_tokens_output')),
      cacheReadTokens: count(at(line, 'genai_tokens_cached_input')),
      cacheWriteTokens: count(at(line, 'genai_tokens_cache_creation_input')),
      requestBytes: count(at(line, 'bytes_received')),
      responseBytes: count(at(line, 'bytes_sent')),
      durationMs,
    },
    person: undefined,
  }
}

/** `DC`: the client hung up; `UPE`, `UR`, `UC`: the upstream broke it off. Source: Envoy, "Access logging", RESPONSE_FLAGS. */
function resultOf(httpStatus: number | undefined, flags: string): Outcome | undefined {
  const named = flags.split(',')
  if (named.includes('DC')) return 'aborted'
  if (httpStatus === undefined) return undefined
  const brokeOff = httpStatus < 300 && ['UPE', 'UR', 'UC'].some((flag) => named.includes(flag))
  return brokeOff ? 'stream_error' : outcomeOfStatus(httpStatus, '')
}
