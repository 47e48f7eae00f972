import { outcomeOfStatus } from '../../record/outcome.ts'
import { modelSent, placeOf, providerNamed, wentToBedrock } from './bedrock-call.ts'
import {
  at,
  awsRequestIdIn,
  count,
  counted,
  forms,
  milliseconds,
  moment,
  status,
  stopReason,
  text,
} from './loose-fields.ts'
import { callAt, type ForeignReading, notACall, refused, type ToldCall, type ToldPerson } from './reading.ts'

// LiteLLM proxy: one StandardLoggingPayload per line. Source: docs.litellm.ai, "StandardLoggingPayload Specification".

/** Calls of models; the proxy logs much else (files, batches, health checks, MCP tools). */
const modelCalls =
  /completion|messages|responses|embedding|rerank|generate_content|image_generation|pass_through|converse/

/** Reads a payload. Its `messages`, `response` and `error_str` hold what was said and are not read but for the stop reason's word. */
export function readLiteLlm(line: object): ForeignReading {
  const callType = text(at(line, 'call_type'), forms.code)
  if (callType === '' || at(line, 'startTime') === undefined) return refused('not_of_this_format')
  if (!modelCalls.test(callType)) return notACall
  // An answer out of LiteLLM's cache repeats the headers of the call that filled it.
  if (at(line, 'cache_hit') === true) return notACall
  const startedAt = moment(at(line, 'startTime'), 1000)
  if (startedAt === undefined) return refused('no_time')
  const hidden = at(line, 'hidden_params')
  const model = modelSent(at(hidden, 'litellm_model_name')) || modelSent(at(line, 'model'))
  const awsRequestId = awsRequestIdIn(at(hidden, 'additional_headers'))
  if (!wentToBedrock(providerNamed(at(line, 'custom_llm_provider')), model, awsRequestId)) return notACall
  const endedAt = moment(at(line, 'endTime'), 1000)
  const firstByteAt = moment(at(line, 'completionStartTime'), 1000)
  const call: ToldCall = {
    ...callAt(startedAt),
    endedAt,
    requestId: text(at(line, 'id'), forms.requestId),
    awsRequestId,
    model,
    team: text(at(line, 'metadata', 'user_api_key_team_alias'), forms.label),
    project: text(at(line, 'metadata', 'user_api_key_project_alias'), forms.label),
    ...placeOf(model, at(line, 'api_base')),
    ...ending(line),
    ...tokens(line),
    stopReason: stopReasonOf(at(line, 'response')),
    firstByteMs: firstByteAt === undefined ? undefined : milliseconds(firstByteAt - startedAt),
    durationMs: endedAt === undefined ? undefined : milliseconds(endedAt - startedAt),
  }
  return { kind: 'call', call, person: personOf(at(line, 'metadata')) }
}

/** It says `success` or `failure`, and of a failure the provider's status as `error_code`. */
function ending(line: object): Pick<ToldCall, 'result' | 'httpStatus' | 'errorCode'> {
  const error = at(line, 'error_information')
  const httpStatus = status(at(error, 'error_code'))
  const errorCode = text(at(error, 'error_class'), forms.code)
  if (at(line, 'status') === 'success') return { result: 'success', errorCode: '' }
  if (at(line, 'status') !== 'failure' || httpStatus === undefined || httpStatus < 400) return { errorCode }
  return { result: outcomeOfStatus(httpStatus, errorCode), httpStatus, errorCode }
}

/** `prompt_tokens` is with what came from the cache and went into it; the usage object says how much that was. */
function tokens(line: object): Partial<ToldCall> {
  const usage = at(line, 'metadata', 'usage_object') ?? at(line, 'hidden_params', 'usage_object')
  const prompt = counted(at(line, 'prompt_tokens'))
  const outputTokens = counted(at(line, 'completion_tokens'))
  if (prompt === undefined) return { outputTokens }
  const cacheReadTokens =
    count(at(usage, 'cache_read_input_tokens')) ?? count(at(usage, 'prompt_tokens_details', 'cached_tokens'))
  const cacheWriteTokens = count(at(usage, 'cache_creation_input_tokens'))
  const fresh = prompt - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)
  return { inputTokens: fresh >= 0 ? fresh : prompt, outputTokens, cacheReadTokens, cacheWriteTokens }
}

function stopReasonOf(response: unknown): string {
  const choices = at(response, 'choices')
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined
  return stopReason(at(first, 'finish_reason')) || stopReason(at(response, 'stop_reason'))
}

/** Their address, else the user of the key, else the key's own name. */
function personOf(metadata: unknown): ToldPerson | undefined {
  const email = text(at(metadata, 'user_api_key_user_email'), forms.name)
  const key = text(at(metadata, 'user_api_key_alias'), forms.name)
  const subject = text(at(metadata, 'user_api_key_user_id'), forms.name) || email || key
  if (subject === '') return undefined
  return { subject, ...(email === '' ? {} : { email }), ...(key === '' ? {} : { name: key }) }
}
