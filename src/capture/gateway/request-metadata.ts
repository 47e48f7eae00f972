import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { metadataKeys } from '../../record/call-id.ts'
import type { CallIntent } from '../../record/gateway-call.ts'
import type { BedrockRequest } from './dialects/dialect.ts'
import type { PolicyLabels } from './policy/decide.ts'

const most = 16
const key = z.string().regex(/^[a-zA-Z0-9 :_@$#=/+,\-.]{1,256}$/)
const value = z.string().regex(/^[a-zA-Z0-9 :_@$#=/+,\-.]{0,256}$/)

/**
 * `X-Amzn-Bedrock-Request-Metadata` of an InvokeModel operation (AWS API reference: 1–16 entries): the second hinge, which the
 * invocation log records. Converse takes metadata only in its body, which stays as it is: undefined.
 */
export function requestMetadata(request: BedrockRequest, intent: CallIntent): string | undefined {
  if (request.operation !== 'InvokeModel' && request.operation !== 'InvokeModelWithResponseStream') return undefined
  const ours = { [metadataKeys.call]: intent.call, [metadataKeys.alias]: intent.alias }
  const theirs = clientEntries(request.headers['x-amzn-bedrock-request-metadata']).slice(
    0,
    most - Object.keys(ours).length,
  )
  return JSON.stringify({ ...Object.fromEntries(theirs), ...ours })
}

/** What the client's own metadata says of team, project and cost centre; it is a claim, and worth what the token allows. */
export function metadataLabels(headers: IncomingHttpHeaders): PolicyLabels {
  const header = headers['x-amzn-bedrock-request-metadata']
  const entries = new Map(clientEntries(typeof header === 'string' ? header : undefined))
  const [team, project, costCentre] = [entries.get('team'), entries.get('project'), entries.get('costCentre')]
  return {
    ...(team === undefined ? {} : { team }),
    ...(project === undefined ? {} : { project }),
    ...(costCentre === undefined ? {} : { costCentre }),
  }
}

function clientEntries(header: string | undefined): readonly (readonly [string, string])[] {
  if (header === undefined) return []
  let parsed: unknown
  try {
    parsed = JSON.parse(header)
  } catch {
    return []
  }
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.entries(parsed).flatMap(([name, text]) =>
    key.safeParse(name).success && value.safeParse(text).success && !name.startsWith('triptych-')
      ? [[name, String(text)] as const]
      : [],
  )
}
