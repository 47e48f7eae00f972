import { randomBytes } from 'node:crypto'
import { type AliasBook, openAliasBook } from '../../capture/gateway/alias-book.ts'
import { createAuthorize } from '../../capture/gateway/authorize.ts'
import { type CallJournal, createCallJournal } from '../../capture/gateway/call-journal.ts'
import { createAnthropicDialect } from '../../capture/gateway/dialects/anthropic.ts'
import { bedrockDialect } from '../../capture/gateway/dialects/bedrock.ts'
import type { GatewayParts, Upstream } from '../../capture/gateway/gateway-parts.ts'
import { createIdentify } from '../../capture/gateway/identify.ts'
import { createOidcVerifier } from '../../capture/gateway/oidc.ts'
import { BytesInFlight } from '../../capture/gateway/request-body.ts'
import { createSender, type Sender } from '../../capture/gateway/send.ts'
import { serveGateway } from '../../capture/gateway/serve.ts'
import { type KeyUse, openKeyUse } from '../../capture/gateway/service-key-use.ts'
import { ServiceKeyRing } from '../../capture/gateway/service-keys.ts'
import { createSessionOpener, createSessions, type OpenSession } from '../../capture/gateway/sessions.ts'
import type { TrustedProxy } from '../../capture/gateway/trusted-proxy.ts'
import { type AwsClients, createAwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import { ensureWritableDir, readNamedFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/logger.ts'
import { loadSecretKeys, type SecretKeys } from '../../platform/secret-keys.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { claimDirectory } from '../../platform/unix-socket.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt, ensureDataDir } from '../data-dir.ts'
import { version } from '../version.ts'
import type { SharedParts } from '../workers/worker.ts'
import { openGatewayJournal } from './gateway-journal.ts'
import { observe } from './gateway-observers.ts'
import { type GatewayRules, openRules } from './gateway-rules.ts'

/** What a running gateway shows to whoever started it. */
export interface RunningGateway {
  readonly url: string
  /** Where Prometheus asks. */
  readonly metricsUrl: string | undefined
  /** Calls that an earlier run left open and that are now `unknown`. */
  readonly settled: number
  /** Calls that were sent and have no outcome yet. */
  inFlight(): number
  close(): Promise<void>
}

/** Wires and starts the gateway of a configuration. Throws DATA_DIR_UNWRITABLE, DATA_DIR_LOCKED, CONFIG_INVALID, LISTEN_FAILED. */
export async function startGateway(
  config: Config,
  clock: Clock,
  logger: Logger,
  shared?: SharedParts,
): Promise<RunningGateway> {
  const opened = await openGateway(config, clock, logger, shared)
  const { journal, shippingLagSeconds } = opened
  shared?.recordSessions(journal.sessionOpened)
  const settled = await journal.settle()
  const rules = await openRules(config, journal, clock, logger, shared).catch(async (cause: unknown) => {
    await opened.close()
    throw cause
  })
  const room = new BytesInFlight(config.gateway.inFlightBytes)
  const observed = await observe(
    config,
    { journal, room, policy: rules.policy, isWorker: shared !== undefined, shippingLagSeconds },
    logger,
  )
  const parts = partsOf(config, opened, { ...rules, room, observer: observed.observer }, clock, logger)
  let beating: Promise<void> | undefined
  // One at a time: two would both write what is owed.
  const beat = () => {
    beating ??= journal
      .heartbeat(version, config.simulated)
      .catch(() => logger.error('gateway.heartbeat.unwritten'))
      .finally(() => {
        beating = undefined
      })
    return beating
  }
  const { listen, tls, proxyProtocol } = config.gateway
  const gateway = await serveGateway(parts, { ...listen, tls, proxyProtocol })
  await beat()
  const heart = setInterval(() => {
    void beat()
    void rules.save().catch(() => logger.error('gateway.limits.unsaved'))
    void opened.keyUse.save().catch(() => logger.error('gateway.key-use.unsaved'))
  }, config.gateway.heartbeat)
  return {
    url: gateway.url,
    metricsUrl: observed.url,
    settled,
    inFlight: journal.inFlight,
    async close() {
      clearInterval(heart)
      await gateway.close(config.gateway.drain)
      await rules.close()
      await observed.close()
      await beat()
      await opened.close()
    },
  }
}

/** What a gateway holds open: its journal and alias book, its keys and clients. */
interface OpenGateway {
  readonly role: string
  readonly keys: SecretKeys
  readonly serviceKeys: string
  readonly journal: CallJournal
  readonly shippingLagSeconds: () => number
  readonly aliases: Pick<AliasBook, 'aliasOf'>
  readonly openSession: OpenSession
  readonly dropSession: SharedParts['dropSession'] | undefined
  readonly aws: AwsClients
  readonly sender: Sender
  readonly proxy: TrustedProxy | undefined
  readonly keyUse: KeyUse
  close(): Promise<void>
}

async function openGateway(
  config: Config,
  clock: Clock,
  logger: Logger,
  shared: SharedParts | undefined,
): Promise<OpenGateway> {
  const role = config.gateway.sts?.role
  if (role === undefined) {
    throw new TriptychError('CONFIG_INVALID', {
      key: 'gateway.sts.role',
      reason: 'needed: the role whose sessions call Bedrock',
    })
  }
  const dirs = dataDirAt(config.dataDir)
  const source = gatewaySource(config.gateway.id)
  const dir = dirs.journalOf(source)
  await ensureDataDir(dirs.root)
  await ensureWritableDir(dir)
  const owned = await claimDirectory(dir)
  const keys = await loadSecretKeys(dirs.config)
  const aws = createAwsClients(config.aws, clock)
  // Before the alias book: on a new machine both are brought back.
  const file = await openGatewayJournal({ config, keys, aws, clock, logger })
  const book =
    shared === undefined
      ? await openAliasBook({ path: dirs.aliasBookOf(source), keys, random: randomBytes })
      : undefined
  const aliases = book ?? shared?.aliases
  if (aliases === undefined) throw new TriptychError('INTERNAL', { reason: 'no alias book' })
  const keyUse = await openKeyUse(dirs.keyUse, source, clock)
  const sender = createSender()
  const journal = createCallJournal(file.journal, file.open, clock, logger)
  const openSession = shared?.openSession ?? ownOpener(config, aws, role, journal, clock)
  return {
    role,
    keys,
    serviceKeys: dirs.serviceKeys,
    journal,
    shippingLagSeconds: file.shippingLagSeconds,
    aliases,
    openSession,
    dropSession: shared?.dropSession,
    aws,
    sender,
    keyUse,
    proxy: await trustedProxy(config.gateway.identity.proxy),
    async close() {
      await keyUse.save()
      await book?.close()
      await file.close()
      sender.close()
      aws.close()
      await owned.release()
    },
  }
}

function ownOpener(config: Config, aws: AwsClients, roleArn: string, journal: CallJournal, clock: Clock): OpenSession {
  const mode = config.gateway.sts?.mode ?? 'assumeRole'
  return createSessionOpener({
    sts: aws.sts,
    roleArn,
    mode,
    clock,
    simulated: config.simulated,
    record: journal.sessionOpened,
  })
}

const shortestSecret = 32

async function trustedProxy(proxy: Config['gateway']['identity']['proxy']): Promise<TrustedProxy | undefined> {
  if (proxy === undefined) return undefined
  const { issuer, secretFile, fingerprints } = proxy
  if (secretFile === undefined) return { issuer, secret: undefined, fingerprints }
  const secret = await readNamedFile(secretFile)
  if (secret.length < shortestSecret)
    throw new TriptychError('CONFIG_INVALID', { key: 'gateway.identity.proxy.secretFile', reason: 'under 32 bytes' })
  return { issuer, secret, fingerprints }
}

function partsOf(
  config: Config,
  opened: OpenGateway,
  rules: GatewayRules & Pick<GatewayParts, 'room' | 'observer'>,
  clock: Clock,
  logger: Logger,
): GatewayParts {
  const { keys, journal, aliases, sender } = opened
  const { identity, models, id } = config.gateway
  const modelNames = new Map(Object.entries(models.names))
  const serviceKeys = identity.serviceKeys ? new ServiceKeyRing(opened.serviceKeys, clock) : undefined
  return {
    version,
    simulated: config.simulated,
    gatewayTag: id,
    callKey: keys('call-id'),
    bodyKey: keys('body-mac'),
    countKey: keys('limit-count'),
    clock,
    random: randomBytes,
    logger,
    identify: createIdentify({
      oidc: createOidcVerifier(identity.oidc, clock),
      serviceKeys,
      keyUsed: opened.keyUse.note,
      certificates: identity.clientCertificates,
      proxy: opened.proxy,
      clock,
    }),
    aliases,
    authorize: createAuthorize(rules.policy),
    policy: rules.policy,
    limits: rules.limits,
    prices: rules.prices,
    sessions: createSessions({
      open: opened.openSession,
      dropped: opened.dropSession,
      shared: config.gateway.sts?.onFailure === 'shared' ? () => opened.aws.sts().config.credentials() : undefined,
      clock,
    }),
    journal,
    sender,
    room: rules.room,
    observer: rules.observer,
    dialects: { bedrock: bedrockDialect, anthropic: createAnthropicDialect(modelNames) },
    upstream: upstreamOf(config, opened.role),
    modelNames,
    drainAborted: config.gateway.abort.drain,
  }
}

function upstreamOf(config: Config, role: string): Upstream {
  const endpoint = config.aws.endpoints.bedrockRuntime
  const regions = new Map(Object.entries(config.gateway.regions))
  return {
    account: role.split(':')[4] ?? '',
    regionOf: (scope) => (scope === undefined ? undefined : regions.get(scope)) ?? config.aws.region,
    controlOf: (region) => new URL(config.aws.endpoints.bedrock ?? `https://bedrock.${region}.amazonaws.com`),
    endpointOf: (region) => new URL(endpoint ?? `https://bedrock-runtime.${region}.amazonaws.com`),
  }
}
