import { outcomeOfStatus } from '../../record/outcome.ts'
import { modelSent, placeOf, providerNamed, wentToBedrock } from './bedrock-call.ts'
import { at, awsRequestIdIn, count, counted, forms, milliseconds, moment, status, text } from './loose-fields.ts'
import { callAt, type ForeignReading, notACall, refused, type ToldPerson } from './reading.ts'

// Kong with AI Proxy: the JSON object of its log plugins (file-log, http-log …). Source: developer.konghq.com, "AI Gateway audit log
// reference" and the log format of the logging plugins.

/** Reads a log object. Of `request` and `response` only ids and sizes are read; `ai.*.payload` holds what was said. */
export function readKong(line: object): ForeignReading {
  const startedAt = moment(at(line, 'started_at'), 1)
  if (at(line, 'request') === undefined && at(line, 'started_at') === undefined) return refused('not_of_this_format')
  if (startedAt === undefined) return refused('no_time')
  const plugin = proxyOf(at(line, 'ai'))
  if (plugin === undefined) return notACall
  const meta = at(plugin, 'meta')
  const usage = at(plugin, 'usage')
  const model = modelSent(at(meta, 'request_model')) || modelSent(at(meta, 'response_model'))
  const awsRequestId = awsRequestIdIn(at(line, 'response', 'headers'))
  if (!wentToBedrock(providerNamed(at(meta, 'provider_name')), model, awsRequestId)) return notACall
  const httpStatus = status(at(line, 'response', 'status'))
  const durationMs = milliseconds(at(line, 'latencies', 'request'))
  return {
    kind: 'call',
    call: {
      ...callAt(startedAt),
      endedAt: durationMs === undefined ? undefined : startedAt + durationMs,
      requestId: text(at(line, 'request', 'id'), forms.requestId),
      awsRequestId,
      model,
      ...placeOf(model, at(line, 'service', 'host')),
      httpStatus,
      result: httpStatus === undefined ? undefined : outcomeOfStatus(httpStatus, ''),
      inputTokens: counted(at(usage, 'prompt_tokens')) ?? counted(at(usage, 'prompt_token')),
      outputTokens: counted(at(usage, 'completion_tokens')) ?? counted(at(usage, 'completion_token')),
      cacheReadTokens: count(at(usage, 'prompt_tokens_details', 'cached_tokens')),
      requestBytes: count(at(line, 'request', 'size')),
      responseBytes: count(at(line, 'response', 'size')),
      firstByteMs: milliseconds(at(usage, 'time_to_first_token')),
      durationMs,
    },
    person: personOf(at(line, 'consumer')),
  }
}

/** `ai.proxy`, or in older versions a member named after the plugin: the one with numbers and a model. */
function proxyOf(ai: unknown): unknown {
  if (typeof ai !== 'object' || ai === null) return undefined
  const own = Object.keys(ai).map((name) => at(ai, name))
  return at(ai, 'proxy') ?? own.find((found) => at(found, 'meta', 'request_model') !== undefined)
}

function personOf(consumer: unknown): ToldPerson | undefined {
  const name = text(at(consumer, 'username'), forms.name)
  const subject = text(at(consumer, 'custom_id'), forms.name) || name || text(at(consumer, 'id'), forms.name)
  if (subject === '') return undefined
  return { subject, ...(name === '' ? {} : { name }) }
}
