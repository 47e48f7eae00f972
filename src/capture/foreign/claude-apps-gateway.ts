import { outcomeOfStatus } from '../../record/outcome.ts'
import { modelSent, placeOf, providerOfUpstream, wentToBedrock } from './bedrock-call.ts'
import { at, forms, milliseconds, moment, status, text } from './loose-fields.ts'
import { callAt, type ForeignReading, notACall, refused } from './reading.ts'

// Anthropic's Claude apps gateway: audit lines on stderr. Source: code.claude.com, "Claude apps gateway".

/**
 * Reads an audit line. An inference line is written when the answer's headers arrive: `ms` is the time to them, and a 200 does not
 * say that the answer came to its end. It names neither tokens nor AWS's request id.
 */
export function readClaudeAppsGateway(line: object): ForeignReading {
  const event = text(at(line, 'evt'), forms.code)
  if (event === '') return refused('not_of_this_format')
  if (event !== 'inference') return notACall
  const answeredAt = moment(at(line, 'ts'), 1)
  if (answeredAt === undefined) return refused('no_time')
  const model = modelSent(at(line, 'model'))
  if (!wentToBedrock(providerOfUpstream(at(line, 'upstream')), model, '')) return notACall
  const firstByteMs = milliseconds(at(line, 'ms'))
  const httpStatus = status(at(line, 'status'))
  const failed = httpStatus !== undefined && httpStatus >= 400
  const email = text(at(line, 'email'), forms.name)
  const subject = text(at(line, 'sub'), forms.name) || email
  return {
    kind: 'call',
    call: {
      ...callAt(answeredAt - (firstByteMs ?? 0)),
      requestId: text(at(line, 'request_id'), forms.requestId),
      model,
      ...placeOf(model, undefined),
      operation: text(at(line, 'path'), /\/count_tokens$/) === '' ? '' : 'CountTokens',
      httpStatus,
      result: failed ? outcomeOfStatus(httpStatus, '') : undefined,
      firstByteMs,
    },
    person: subject === '' ? undefined : { subject, ...(email === '' ? {} : { email }) },
  }
}
