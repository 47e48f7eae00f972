import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { AwsError } from './aws-error.ts'
import { handleBedrockControl } from './bedrock-control.ts'
import { AccountClock } from './clock.ts'
import { handleCloudTrail } from './cloudtrail-service.ts'
import { buckets, regions } from './estate.ts'
import { Faults, faultSchema } from './faults.ts'
import { bearerCaller, type Caller, callerOf, secretOf, sessionOf } from './identity.ts'
import { type IdentityProvider, openIdentityProvider } from './idp.ts'
import { answerError, handleInference } from './inference.ts'
import { InvocationLog } from './invocation-log.ts'
import { listen } from './listener.ts'
import { handleMessages } from './messages-route.ts'
import { ObjectStore } from './object-store.ts'
import type { AccountParts, Exchange, Latency } from './parts.ts'
import { Random } from './random.ts'
import { Received } from './received.ts'
import { answerS3Error, handleS3 } from './s3-service.ts'
import { claimedSigner, type Signer, verifySignature } from './sigv4.ts'
import { StateFile } from './state.ts'
import { answerStsError, handleSts } from './sts-service.ts'
import { type DeliveryMs, Trail } from './trail.ts'

/** What an account is started with; all have defaults but the directory. */
export interface AccountOptions {
  readonly dataDir: string
  /** 0: the port of the last run, or any that is free. */
  readonly port?: number
  readonly seed?: number
  readonly latency?: Latency
  readonly delivery?: { cloudTrail: DeliveryMs; invocations: DeliveryMs }
}

/** A simulated AWS account that listens on loopback. */
export interface Account {
  readonly url: string
  readonly idp: IdentityProvider
  readonly parts: AccountParts
  /** How long after a call its logs are delivered; may be changed while it runs. */
  readonly delivery: { cloudTrail: DeliveryMs; invocations: DeliveryMs }
  /** Writes the log files whose time has come by the account's clock. */
  deliver(): void
  /** Writes every log file, due or not. */
  deliverAll(): void
  close(): Promise<void>
}

/** Starts an account. */
export async function startAccount(options: AccountOptions): Promise<Account> {
  const clock = new AccountClock()
  const random = new Random(options.seed ?? 1)
  const state = new StateFile(options.dataDir, freshState())
  const store = new ObjectStore(join(options.dataDir, 's3'))
  for (const bucket of Object.values(buckets)) store.makeBucket(bucket)
  const delivery = { ...(options.delivery ?? { cloudTrail: [0, 0], invocations: [0, 0] }) }
  const dir = join(options.dataDir, 'undelivered')
  const parts: AccountParts = {
    clock,
    random,
    state,
    store,
    trail: new Trail({ state, random, store, dir, delivery: () => delivery.cloudTrail }),
    invocations: new InvocationLog({ state, random, store, dir, delivery: () => delivery.invocations }),
    faults: new Faults(),
    received: new Received(options.dataDir),
    latency: options.latency ?? { firstByteMs: [0, 0], chunkMs: [0, 0] },
  }
  let idp: IdentityProvider | undefined
  const listener = await listen(
    options.port ?? state.state.port,
    (incoming, response) => void handle(parts, incoming, response, () => idp),
  )
  const { port } = listener
  state.state.port = port
  state.save()
  const url = `http://127.0.0.1:${port}`
  idp = await openIdentityProvider(`${url}/idp`, state, clock)
  const deliverUpTo = (due: number) => {
    parts.trail.deliver(clock.now(), due)
    parts.invocations.deliver(clock.now(), due)
  }
  return {
    url,
    idp,
    parts,
    delivery,
    deliver: () => deliverUpTo(clock.now()),
    deliverAll: () => deliverUpTo(Number.POSITIVE_INFINITY),
    close: listener.close,
  }
}

function freshState() {
  const s3Config = { bucketName: buckets.invocations, keyPrefix: '' }
  const on = {
    s3Config,
    textDataDeliveryEnabled: true,
    imageDataDeliveryEnabled: true,
    embeddingDataDeliveryEnabled: true,
  }
  return {
    port: 0,
    sessions: [],
    trails: Object.fromEntries(regions.map((region) => [region, true])),
    logging: { [regions[0]]: on, [regions[1]]: null },
    idpKey: null,
  }
}

async function handle(
  parts: AccountParts,
  incoming: IncomingMessage,
  response: ServerResponse,
  idp: () => IdentityProvider | undefined,
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
  if (path.startsWith('/idp/')) return answerIdp(path.slice('/idp'.length), idp(), response)
  if (path.startsWith('/_sim/')) return control(parts, exchange, path)
  await serve(parts, exchange, path)
}

async function serve(parts: AccountParts, exchange: Exchange, path: string): Promise<void> {
  const claimed = claimedSigner(exchange.request.headers)
  const service = claimed?.service ?? 'bedrock'
  try {
    if (path.startsWith('/anthropic/')) return await handleMessages(parts, exchange, bearer(exchange), regions[0])
    if (claimed === undefined && exchange.request.headers.authorization?.startsWith('Bearer '))
      return await handleInference(parts, exchange, bearer(exchange), regions[0])
    const signer = verify(parts, exchange)
    if (service === 's3') handleS3(exchange.request, parts.store, exchange.response)
    else if (service === 'sts') handleSts(parts, exchange, signer)
    else if (service === 'cloudtrail') handleCloudTrail(parts, exchange, signer)
    else if (!handleBedrockControl(parts, exchange, signer))
      await handleInference(parts, exchange, callerOf(parts.state.state, signer.accessKeyId), signer.region)
  } catch (cause) {
    const error =
      cause instanceof AwsError ? cause : new AwsError(500, 'InternalServerException', 'The simulated account failed')
    if (service === 's3') answerS3Error(error, exchange.response)
    else if (service === 'sts') answerStsError(error, exchange)
    else answerError({ exchange, requestId: parts.random.uuid() }, error)
  }
}

function verify(parts: AccountParts, exchange: Exchange): Signer {
  const now = parts.clock.now()
  const signer = verifySignature(exchange.request, (id) => secretOf(parts.state.state, id), now)
  const session = sessionOf(parts.state.state, signer.accessKeyId)
  if (session !== undefined && session.expiresAt <= now)
    throw new AwsError(403, 'ExpiredTokenException', 'The security token included in the request is expired')
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
    parts.faults.push(faultSchema.parse(JSON.parse(request.body.toString('utf8'))))
    response.writeHead(204).end()
  } else response.writeHead(404).end()
}
