import { randomBytes } from 'node:crypto'
import { type AliasBook, openAliasBook } from '../../capture/gateway/alias-book.ts'
import { createAuthorize } from '../../capture/gateway/authorize.ts'
import { type CallJournal, createCallJournal, OpenCalls } from '../../capture/gateway/call-journal.ts'
import { createAnthropicDialect } from '../../capture/gateway/dialects/anthropic.ts'
import { bedrockDialect } from '../../capture/gateway/dialects/bedrock.ts'
import type { GatewayParts, Upstream } from '../../capture/gateway/gateway-parts.ts'
import { createIdentify } from '../../capture/gateway/identify.ts'
import { createOidcVerifier } from '../../capture/gateway/oidc.ts'
import { BytesInFlight } from '../../capture/gateway/request-body.ts'
import { createSender, type Sender } from '../../capture/gateway/send.ts'
import { serveGateway } from '../../capture/gateway/serve.ts'
import { ServiceKeyRing } from '../../capture/gateway/service-keys.ts'
import { createSessions } from '../../capture/gateway/sessions.ts'
import { type AwsClients, createAwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import { ensureWritableDir } from '../../platform/files.ts'
import { openJournal } from '../../platform/journal/journal.ts'
import type { Logger } from '../../platform/logger.ts'
import { loadSecretKeys, type SecretKeys } from '../../platform/secret-keys.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { claimDirectory } from '../../platform/unix-socket.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt, ensureDataDir } from '../data-dir.ts'
import { version } from '../version.ts'
import { type GatewayRules, openRules } from './gateway-rules.ts'

/** What a running gateway shows to whoever started it. */
export interface RunningGateway {
  readonly url: string
  /** Calls that an earlier run left open and that are now `unknown`. */
  readonly settled: number
  close(): Promise<void>
}

/** Wires and starts the gateway of a configuration. Throws DATA_DIR_UNWRITABLE, DATA_DIR_LOCKED, CONFIG_INVALID, LISTEN_FAILED. */
export async function startGateway(config: Config, clock: Clock, logger: Logger): Promise<RunningGateway> {
  const opened = await openGateway(config, clock, logger)
  const { journal } = opened
  const settled = await journal.settle()
  const rules = await openRules(config, journal, clock, logger).catch(async (cause: unknown) => {
    await opened.close()
    throw cause
  })
  const parts = partsOf(config, opened, rules, clock, logger)
  const beat = () =>
    journal.heartbeat(version, config.simulated).catch(() => logger.error('gateway.heartbeat.unwritten'))
  const gateway = await serveGateway(parts, config.gateway.listen)
  await beat()
  const heart = setInterval(() => {
    void beat()
    void rules.save().catch(() => logger.error('gateway.limits.unsaved'))
  }, config.gateway.heartbeat)
  return {
    url: gateway.url,
    settled,
    async close() {
      clearInterval(heart)
      await gateway.close()
      await rules.close()
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
  readonly aliases: AliasBook
  readonly aws: AwsClients
  readonly sender: Sender
  close(): Promise<void>
}

async function openGateway(config: Config, clock: Clock, logger: Logger): Promise<OpenGateway> {
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
  const open = new OpenCalls()
  const { segmentBytes } = config.gateway.journal
  const file = await openJournal({
    dir,
    source,
    clock,
    random: randomBytes,
    carry: () => ({ open: open.all() }),
    appended: (type, body, { seq }) => open.note(type, body, seq),
    segmentBytes,
  })
  const aliases = await openAliasBook({ path: dirs.aliasBookOf(source), keys, random: randomBytes })
  const aws = createAwsClients(config.aws, clock)
  const sender = createSender()
  return {
    role,
    keys,
    serviceKeys: dirs.serviceKeys,
    journal: createCallJournal(file, open, clock, logger),
    aliases,
    aws,
    sender,
    async close() {
      await file.close()
      await aliases.close()
      sender.close()
      aws.close()
      await owned.release()
    },
  }
}

function partsOf(config: Config, opened: OpenGateway, rules: GatewayRules, clock: Clock, logger: Logger): GatewayParts {
  const { keys, journal, aliases, sender } = opened
  const { identity, models, inFlightBytes, id } = config.gateway
  const serviceKeys = identity.serviceKeys ? new ServiceKeyRing(opened.serviceKeys, clock) : undefined
  return {
    version,
    simulated: config.simulated,
    gatewayTag: id,
    callKey: keys('call-id'),
    bodyKey: keys('body-mac'),
    clock,
    random: randomBytes,
    logger,
    identify: createIdentify({ oidc: createOidcVerifier(identity.oidc, clock), serviceKeys }),
    aliases,
    authorize: createAuthorize(rules.policy),
    policy: rules.policy,
    limits: rules.limits,
    prices: rules.prices,
    sessions: createSessions({
      sts: opened.aws.sts,
      roleArn: opened.role,
      clock,
      simulated: config.simulated,
      record: journal.sessionOpened,
    }),
    journal,
    sender,
    room: new BytesInFlight(inFlightBytes),
    dialects: { bedrock: bedrockDialect, anthropic: createAnthropicDialect(new Map(Object.entries(models.names))) },
    upstream: upstreamOf(config, opened.role),
  }
}

function upstreamOf(config: Config, role: string): Upstream {
  const endpoint = config.aws.endpoints.bedrockRuntime
  const regions = new Map(Object.entries(config.gateway.regions))
  return {
    account: role.split(':')[4] ?? '',
    regionOf: (scope) => (scope === undefined ? undefined : regions.get(scope)) ?? config.aws.region,
    endpointOf: (region) => new URL(endpoint ?? `https://bedrock-runtime.${region}.amazonaws.com`),
  }
}
