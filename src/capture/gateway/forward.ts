import type { IncomingMessage } from 'node:http'
import { type CallId, userAgentOf } from '../../record/call-id.ts'
import type { CallIntent } from '../../record/gateway-call.ts'
import { awsErrorCode, awsRequestIdOf } from './aws-error.ts'
import type { BedrockRequest, HashedRequest } from './dialects/dialect.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { requestMetadata } from './request-metadata.ts'
import type { PersonSession, SessionOwner } from './sessions.ts'
import { signRequest } from './sign.ts'

/** How far sending came; kept from outside, so that it is known also when sending failed. */
export interface Sending {
  readonly owner: SessionOwner
  session: PersonSession
  attempts: number
  /** AWS's id of an attempt that it answered. */
  awsRequestId: string
}

/** Bedrock's answer, and how it was reached. */
export interface Forwarded {
  readonly answer: IncomingMessage
  readonly sending: Readonly<Sending>
}

/**
 * Signs with the person's STS session and sends, body bytes unchanged. Sent once more only when a pooled socket failed before a
 * byte was written or the session had expired; each re-send is an `attempt` record, durable before it goes out.
 */
export async function forward(
  parts: GatewayParts,
  intent: CallIntent,
  request: HashedRequest,
  sending: Sending,
  signal: AbortSignal,
): Promise<Forwarded> {
  const noteAttempt = async (reason: 'socket' | 'expired_token', awsRequestId: string) => {
    if (sending.attempts > 1) return false
    sending.attempts += 1
    await parts.journal.attempt({ call: intent.call, alias: intent.alias, attempt: 2, reason, awsRequestId })
    return true
  }
  const send = async () => {
    const endpoint = parts.upstream.endpointOf(intent.region)
    const signable = {
      method: 'POST' as const,
      endpoint,
      path: request.path,
      headers: outgoingHeaders(parts, intent, request),
      body: request.body,
      bodySha256: request.bodySha256,
      region: intent.region,
      at: parts.clock.now(),
    }
    const headers = await signRequest(signable, sending.session)
    return parts.sender.send(
      { method: 'POST', endpoint, path: request.path, headers, body: request.body },
      signal,
      () => noteAttempt('socket', ''),
    )
  }
  const answer = await send()
  if (sending.attempts > 1 || awsErrorCode(answer.headers) !== 'ExpiredTokenException') return { answer, sending }
  answer.resume()
  sending.awsRequestId = awsRequestIdOf(answer.headers)
  await parts.sessions.drop(sending.owner)
  sending.session = await parts.sessions.get(sending.owner)
  await noteAttempt('expired_token', sending.awsRequestId)
  return { answer: await send(), sending }
}

function outgoingHeaders(parts: GatewayParts, intent: CallIntent, request: BedrockRequest): Record<string, string> {
  const call: CallId = intent.call
  const headers: Record<string, string> = { ...request.headers, 'user-agent': userAgentOf(parts.version, call) }
  const metadata = requestMetadata(request, intent)
  if (metadata === undefined) delete headers['x-amzn-bedrock-request-metadata']
  else headers['x-amzn-bedrock-request-metadata'] = metadata
  return headers
}
