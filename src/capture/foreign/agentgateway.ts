import { outcomeOfStatus } from '../../record/outcome.ts'
import { modelSent, placeOf, providerNamed, wentToBedrock } from './bedrock-call.ts'
import { at, awsRequestIdIn, count, counted, forms, milliseconds, moment, status, text } from './loose-fields.ts'
import { callAt, type ForeignReading, notACall, refused, type ToldPerson } from './reading.ts'

// agentgateway: its request log as JSON (`logging.format: json`), flat names. Source: agentgateway.dev, observability; names from
// OpenTelemetry's GenAI conventions. AWS's request id is there where a field for it was added.

/** Reads a log line. `request.body` and `response.body`, which may be configured, are not read. */
export function readAgentgateway(line: object): ForeignReading {
  if (!Object.hasOwn(line, 'scope') && !Object.hasOwn(line, 'http.status')) return refused('not_of_this_format')
  const model = modelSent(at(line, 'gen_ai.request.model')) || modelSent(at(line, 'gen_ai.response.model'))
  if (model === '') return notACall
  const endedAt = moment(at(line, 'time'), 1)
  if (endedAt === undefined) return refused('no_time')
  const awsRequestId = text(at(line, 'aws.request_id'), forms.awsRequestId) || awsRequestIdIn(line)
  const provider = at(line, 'gen_ai.provider.name') ?? at(line, 'gen_ai.system')
  if (!wentToBedrock(providerNamed(provider), model, awsRequestId)) return notACall
  const durationMs = lasting(at(line, 'duration'))
  const httpStatus = status(at(line, 'http.status'))
  return {
    kind: 'call',
    call: {
      ...callAt(endedAt - (durationMs ?? 0)),
      endedAt,
      requestId: requestIdOf(line),
      awsRequestId,
      model,
      ...placeOf(model, at(line, 'endpoint')),
      httpStatus,
      result: httpStatus === undefined ? undefined : outcomeOfStatus(httpStatus, ''),
      inputTokens: counted(at(line, 'gen_ai.usage.input_tokens')),
      outputTokens: counted(at(line, 'gen_ai.usage.output_tokens')),
      cacheReadTokens: count(at(line, 'gen_ai.usage.cache_read.input_tokens')),
      cacheWriteTokens: count(at(line, 'gen_ai.usage.cache_creation.input_tokens')),
      durationMs,
    },
    person: personOf(line),
  }
}

/** A request has no id but that of its trace, where tracing is on. */
function requestIdOf(line: object): string {
  const ids = [at(line, 'trace.id'), at(line, 'span.id')].map((id) => text(id, /^[0-9a-f]{8,32}$/))
  return ids.includes('') ? '' : ids.join('/')
}

function lasting(value: unknown): number | undefined {
  const [, number, unit] =
    (typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,9})?)(us|µs|ms|s)$/.exec(value) : null) ?? []
  const factor = unit === 's' ? 1000 : unit === 'ms' ? 1 : 0.001
  return number === undefined ? milliseconds(value) : milliseconds(Number(number) * factor)
}

function personOf(line: object): ToldPerson | undefined {
  const email = text(at(line, 'jwt.email'), forms.name)
  const subject = text(at(line, 'jwt.sub'), forms.name) || email
  return subject === '' ? undefined : { subject, ...(email === '' ? {} : { email }) }
}
