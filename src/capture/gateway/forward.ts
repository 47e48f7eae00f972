import type { IncomingMessage } from 'node:http'
import { type CallId, userAgentOf } from '../../record/call-id.ts'
import type { CallIntent } from '../../record/gateway-call.ts'
import { awsErrorCode } from './aws-error.ts'
import type { BedrockRequest } from './dialects/dialect.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { requestMetadata } from './request-metadata.ts'
import type { PersonSession } from './sessions.ts'
import { signRequest } from './sign.ts'

/** Bedrock's answer, and how it was reached. */
export interface Forwarded {
  readonly answer: IncomingMessage
  readonly session: PersonSession
  readonly attempts: number
}

/**
 * Signs with the person's STS session and sends, body bytes unchanged. Sent once more only when a pooled socket failed before a
 * byte was written or the session had expired; each re-send is an `attempt` record, durable before it goes out.
 */
export async function forward(
  parts: GatewayParts,
  intent: CallIntent,
  request: BedrockRequest,
  opened: PersonSession,
  signal: AbortSignal,
): Promise<Forwarded> {
  let attempts = 1
  const noteAttempt = async (reason: 'socket' | 'expired_token', awsRequestId: string) => {
    if (attempts > 1) return false
    attempts += 1
    await parts.journal.attempt({ call: intent.call, alias: intent.alias, attempt: 2, reason, awsRequestId })
    return true
  }
  const send = async (session: PersonSession) => {
    const endpoint = parts.upstream.endpointOf(intent.region)
    const headers = await signRequest(
      {
        endpoint,
        path: request.path,
        headers: outgoingHeaders(parts, intent, request),
        body: request.body,
        region: intent.region,
        at: parts.clock.now(),
      },
      session,
    )
    return parts.sender.send({ endpoint, path: request.path, headers, body: request.body }, signal, () =>
      noteAttempt('socket', ''),
    )
  }
  const answer = await send(opened)
  if (attempts > 1 || awsErrorCode(answer.headers) !== 'ExpiredTokenException')
    return { answer, session: opened, attempts }
  answer.resume()
  parts.sessions.drop(intent)
  const session = await parts.sessions.get(intent)
  await noteAttempt('expired_token', String(answer.headers['x-amzn-requestid'] ?? ''))
  return { answer: await send(session), session, attempts }
}

function outgoingHeaders(parts: GatewayParts, intent: CallIntent, request: BedrockRequest): Record<string, string> {
  const call: CallId = intent.call
  const headers: Record<string, string> = { ...request.headers, 'user-agent': userAgentOf(parts.version, call) }
  const metadata = requestMetadata(request, intent)
  if (metadata === undefined) delete headers['x-amzn-bedrock-request-metadata']
  else headers['x-amzn-bedrock-request-metadata'] = metadata
  return headers
}
