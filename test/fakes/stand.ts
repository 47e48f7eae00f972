import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessKeys, buckets, gatewayRoleArn } from '../../simulator/src/account/estate.ts'
import { type Account, startAccount } from '../../simulator/src/account/start-account.ts'
import { personNamed } from '../../simulator/src/company/people.ts'
import { type RunningGateway, startGateway } from '../../src/app/compose/gateway.ts'
import { type RunningHub, startHub } from '../../src/app/compose/hub.ts'
import { checkConfig } from '../../src/app/config.ts'
import type { Config } from '../../src/app/config-schema.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger, type Logger } from '../../src/platform/logger.ts'

/** The real gateway in front of the simulated account, in this process; nothing of ours is a double. */
export interface Stand {
  readonly dataDir: string
  readonly account: Account
  readonly gateway: RunningGateway
  readonly config: Config
  /** Lines the gateway logged. */
  readonly log: string[]
  readonly logger: Logger
  token(name?: string): Promise<string>
  /** A hub over the same data directory. */
  startHub(): Promise<RunningHub>
  close(): Promise<void>
}

/** What may differ from the default stand. */
export interface StandOptions {
  readonly gateway?: Record<string, unknown>
  readonly corroborate?: Record<string, unknown>
  /** A ClickHouse server instead of the embedded engine. */
  readonly store?: { readonly url: string }
  readonly ledger?: Record<string, unknown>
  /** More of the one issuer. */
  readonly oidc?: Record<string, unknown>
  /** More ways to say who one is. */
  readonly identity?: Record<string, unknown>
  /** How slowly the account answers. */
  readonly latency?: { readonly firstByteMs: readonly [number, number]; readonly chunkMs: readonly [number, number] }
}

/** A directory of its own for one test, removed with the stand. */
export function temporaryDir(name: string): string {
  return mkdtempSync(join(tmpdir(), `triptych-${name}-`))
}

/** The configuration over an account. */
export function standConfig(dataDir: string, account: Account, options: StandOptions = {}): Config {
  return checkConfig(rawStandConfig(dataDir, account, options))
}

/** The same as it would stand in a file. */
export function rawStandConfig(dataDir: string, account: Account, options: StandOptions = {}): Record<string, unknown> {
  const { url } = account
  return {
    simulated: true,
    dataDir,
    aws: { region: 'us-east-1', endpoints: { bedrockRuntime: url, bedrock: url, s3: url, sts: url, cloudTrail: url } },
    gateway: {
      listen: '127.0.0.1:0',
      identity: { oidc: [{ issuer: account.idp.issuer, audience: 'triptych', ...options.oidc }], ...options.identity },
      sts: { role: gatewayRoleArn },
      models: { names: { 'claude-sonnet-4-5': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' } },
      regions: { eu: 'eu-west-1' },
      heartbeat: '1s',
      ...options.gateway,
    },
    hub: { listen: '127.0.0.1:0' },
    sources: [
      { type: 'cloudtrail', s3: `s3://${buckets.trail}/AWSLogs/`, every: '1ms' },
      { type: 'invocations', s3: `s3://${buckets.invocations}/AWSLogs/`, every: '1ms' },
    ],
    estate: { regions: ['us-east-1', 'eu-west-1'], every: '1ms' },
    content: {
      default: 'none',
      rules: [{ account: '111122223333', region: 'us-east-1', policy: 'keep', decision: 'DR-1' }],
    },
    ...(options.store === undefined ? {} : { store: options.store }),
    corroborate: { window: { cloudtrail: '1s', invocations: '1s' }, every: '1h', ...options.corroborate },
    ledger: { ...options.ledger },
  }
}

/** Starts account and gateway. */
export async function startStand(options: StandOptions = {}): Promise<Stand> {
  const dataDir = temporaryDir('stand')
  process.env['AWS_ACCESS_KEY_ID'] = accessKeys.gateway.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = accessKeys.gateway.secretAccessKey
  const account = await startAccount({
    dataDir: join(dataDir, 'simulator'),
    seed: 3,
    ...(options.latency === undefined ? {} : { latency: options.latency }),
  })
  const config = standConfig(dataDir, account, options)
  const log: string[] = []
  const logger = createLogger('debug', (line) => void log.push(line))
  const gateway = await startGateway(config, systemClock, logger)
  return {
    dataDir,
    account,
    gateway,
    config,
    log,
    logger,
    token: (name = 'alice') => account.idp.token(personNamed(name)),
    startHub: () => startHub(config, systemClock, logger),
    async close() {
      await gateway.close()
      await account.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The records of a gateway's journal by type. */
export async function journalOf(dataDir: string, source = 'gateway-gw01') {
  const { readSince } = await import('../../src/platform/journal/tail-journal.ts')
  const lines = []
  let position: Parameters<typeof readSince>[1]
  for (;;) {
    const batch = await readSince(join(dataDir, 'journal', source), position)
    if (batch === undefined) return lines.map(({ line }) => line)
    lines.push(...batch.lines)
    position = batch.position
  }
}
