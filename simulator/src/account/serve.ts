import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from './aws-error.ts'
import { handleBedrockControl } from './bedrock-control.ts'
import { handleCloudTrail } from './cloudtrail-service.ts'
import { regions } from './estate.ts'
import { faultSchema } from './faults.ts'
import { bearerCaller, type Caller, callerOf, secretOf, sessionOf } from './identity.ts'
import type { IdentityProvider } from './idp.ts'
import { handleInference } from './inference.ts'
import { parseJson } from './lines.ts'
import { handleMessages } from './messages-route.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { refused } from './refusals.ts'
import { answerError } from './respond.ts'
import { answerS3Error, handleS3 } from './s3-service.ts'
import { claimedSigner, type Signer, verifySignature } from './sigv4.ts'
import { answerStsError, handleSts } from './sts-service.ts'
import { assumeRoleWithWebIdentity, isWebIdentity } from './web-identity.ts'

/** Reads a request whole and has the service answer it that it is for. Never rejects. */
export async function handle(
  parts: AccountParts,
  incoming: IncomingMessage,
  response: ServerResponse,
  idp: IdentityProvider | undefined,
): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  } catch {
    // The client broke off before its request was whole: nothing arrived.
    return
  }
  const request = {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  }
  const exchange: Exchange = {
    request,
    incoming,
    response,
    sourceAddress: String(incoming.headers['x-sim-source-address'] ?? '10.0.12.7'),
  }
  response.on('error', () => undefined)
  // Clients correct their clock by this header: it must be the account's time.
  response.setHeader('date', new Date(parts.clock.now()).toUTCString())
  const path = request.url.split('?')[0] ?? '/'
  if (path.startsWith('/idp/')) return answerIdp(path.slice('/idp'.length), idp, response)
  if (path.startsWith('/_sim/')) return control(parts, exchange, path)
  await serve(parts, exchange, path, idp)
}

async function serve(
  parts: AccountParts,
  exchange: Exchange,
  path: string,
  idp: IdentityProvider | undefined,
): Promise<void> {
  const { headers } = exchange.request
  const unsigned = isWebIdentity(exchange)
  const service = unsigned ? 'sts' : (claimedSigner(headers)?.service ?? 'bedrock')
  // S3 is polled as often as it pleases the caller: its ids must not move the seeded chance on.
  const s3RequestId = randomUUID()
  try {
    if (unsigned) return await assumeRoleWithWebIdentity(parts, exchange, idp)
    const messages = path.startsWith('/anthropic/')
    if (headers.authorization?.startsWith('Bearer ') || (messages && headers['x-api-key'] !== undefined))
      return await serveBedrock(parts, exchange, path, bearer(exchange), regions[0])
    const signer = verify(parts, exchange)
    if (service === 's3') handleS3(exchange.request, parts.store, exchange.response, s3RequestId)
    else if (service === 'sts') handleSts(parts, exchange, signer)
    else if (service === 'cloudtrail') handleCloudTrail(parts, exchange, signer)
    else await serveBedrock(parts, exchange, path, callerOf(parts.state.state, signer.accessKeyId), signer.region)
  } catch (cause) {
    const error =
      cause instanceof AwsError ? cause : new AwsError(500, 'InternalServerException', 'The simulated account failed')
    if (service === 's3') answerS3Error(error, exchange.response, s3RequestId)
    else if (service === 'sts') answerStsError(error, exchange, parts.random.uuid())
    else answerError(exchange, parts.random.uuid(), error)
  }
}

async function serveBedrock(
  parts: AccountParts,
  exchange: Exchange,
  path: string,
  caller: Caller,
  region: string,
): Promise<void> {
  if (path.startsWith('/anthropic/')) await handleMessages(parts, exchange, caller, region)
  else if (!handleBedrockControl(parts, exchange, caller, region))
    await handleInference(parts, exchange, caller, region)
}

function verify(parts: AccountParts, exchange: Exchange): Signer {
  const now = parts.clock.now()
  const signer = verifySignature(exchange.request, (id) => secretOf(parts.state.state, id), parts.clock.signedAt())
  const session = sessionOf(parts.state.state, signer.accessKeyId)
  if (session !== undefined && session.expiresAt <= now) throw refused(signer.service, 'expired')
  return signer
}

function bearer(exchange: Exchange): Caller {
  const { authorization } = exchange.request.headers
  const apiKey = exchange.request.headers['x-api-key']
  const caller = bearerCaller(authorization?.replace(/^Bearer +/, '') ?? String(apiKey ?? ''))
  if (caller === undefined) throw new AwsError(403, 'AccessDeniedException', 'Authentication failed')
  return caller
}

function answerIdp(path: string, idp: IdentityProvider | undefined, response: ServerResponse): void {
  const document = idp?.document(path)
  response
    .writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify(document ?? {}))
}

/** Control of the simulator itself; nothing of AWS. */
function control(parts: AccountParts, exchange: Exchange, path: string): void {
  const { request, response } = exchange
  if (request.headers['x-sim-control'] !== 'yes') response.writeHead(403).end()
  else if (path === '/_sim/received')
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(parts.received.all()))
  else if (path === '/_sim/faults' && request.method === 'POST') {
    const fault = faultSchema.safeParse(parseJson(request.body.toString('utf8')))
    if (fault.success) parts.faults.push(fault.data)
    response.writeHead(fault.success ? 204 : 400).end()
  } else response.writeHead(404).end()
}
