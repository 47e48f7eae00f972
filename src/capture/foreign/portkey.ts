import { outcomeOfStatus } from '../../record/outcome.ts'
import { modelSent, placeOf, providerNamed, wentToBedrock } from './bedrock-call.ts'
import { at, counted, forms, milliseconds, moment, status, text } from './loose-fields.ts'
import { callAt, type ForeignReading, notACall, refused } from './reading.ts'

// Portkey: the log export, JSON lines. Source: portkey.ai, "Logs Export", exported data. It names no AWS request id.

/** Reads an exported log. `request` and `response` hold what was said and are not read. */
export function readPortkey(line: object): ForeignReading {
  if (!Object.hasOwn(line, 'ai_org') && !Object.hasOwn(line, 'ai_model')) return refused('not_of_this_format')
  const startedAt = moment(at(line, 'created_at'), 1)
  if (startedAt === undefined) return refused('no_time')
  // HIT and SEMANTIC HIT were answered by Portkey itself.
  if (/\bHIT$/.test(text(at(line, 'cache_status'), forms.word))) return notACall
  const model = modelSent(at(line, 'ai_model'))
  if (!wentToBedrock(providerNamed(at(line, 'ai_org')), model, '')) return notACall
  const httpStatus = status(at(line, 'response_status_code'))
  const durationMs = milliseconds(at(line, 'response_time'))
  const subject = labelOf(line, '_user')
  return {
    kind: 'call',
    call: {
      ...callAt(startedAt),
      endedAt: durationMs === undefined ? undefined : startedAt + durationMs,
      requestId: text(at(line, 'id'), forms.requestId) || text(at(line, 'trace_id'), forms.requestId),
      model,
      team: text(labelOf(line, 'team'), forms.label),
      project: text(labelOf(line, 'project'), forms.label),
      ...placeOf(model, at(line, 'request_url')),
      httpStatus,
      result: httpStatus === undefined ? undefined : outcomeOfStatus(httpStatus, ''),
      inputTokens: counted(at(line, 'req_units')),
      outputTokens: counted(at(line, 'res_units')),
      durationMs,
    },
    person: subject === '' ? undefined : { subject },
  }
}

/** Metadata that the caller gave: an object, or two columns of keys and values. */
function labelOf(line: object, name: string): string {
  const plain = text(at(line, 'metadata', name), forms.name)
  const keys = at(line, 'metadata.key')
  const values = at(line, 'metadata.value')
  if (plain !== '' || !Array.isArray(keys) || !Array.isArray(values)) return plain
  const place = keys.indexOf(name)
  return place === -1 ? '' : text(values[place], forms.name)
}
