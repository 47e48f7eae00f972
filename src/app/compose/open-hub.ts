import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { namelessArn } from '../../capture/access/principal-of.ts'
import { type Archive, openArchive } from '../../evidence/archive/archive.ts'
import { type Corroborator, createCorroborator } from '../../evidence/corroborate/corroborator.ts'
import type { StandingFacts } from '../../evidence/corroborate/load-context.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import { openEmbeddedEngine } from '../../evidence/store/engines/embedded.ts'
import { openServerEngine } from '../../evidence/store/engines/server.ts'
import { openStore, type Store } from '../../evidence/store/store.ts'
import { type KeyWrapper, kmsWrapper, localWrapper } from '../../evidence/vault/key-wrapper.ts'
import { isVaultAlias, openVault, type Vault } from '../../evidence/vault/vault.ts'
import { type AwsClients, createAwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import { ensureWritableDir } from '../../platform/files.ts'
import { type Journal, openJournal } from '../../platform/journal/journal.ts'
import type { Logger } from '../../platform/logger.ts'
import { loadSecretKeys, type SecretKeys } from '../../platform/secret-keys.ts'
import { type ClaimedDirectory, claimDirectory } from '../../platform/unix-socket.ts'
import { pseudonymOf } from '../../record/access-event.ts'
import { isOurCallId } from '../../record/call-id.ts'
import type { Config } from '../config-schema.ts'
import { type DataDir, dataDirAt, ensureDataDir } from '../data-dir.ts'
import { createHubJournal, type RecordAct } from '../hub-journal.ts'
import type { OwnedPrincipal } from '../ingest/invocations.ts'
import { type LedgerKeeper, openLedgerKeeper } from '../ledger/ledger-keeper.ts'
import { checkOrigin } from '../origin-mark.ts'
import { approvalOf, contentPolicyOf } from '../policies.ts'

/** What a hub is made of, opened and wired; nothing runs yet. */
export interface HubParts {
  readonly config: Config
  readonly dirs: DataDir
  readonly clock: Clock
  readonly logger: Logger
  readonly keys: SecretKeys
  readonly engine: Engine
  readonly store: Store
  readonly archive: Archive
  readonly vault: Vault
  readonly journal: Journal
  readonly act: RecordAct
  readonly ledger: LedgerKeeper
  readonly aws: AwsClients
  readonly corroborator: Corroborator
  readonly sourcesRead: SourcesRead
  readonly simulated: boolean
  readonly nameless: (arn: string) => OwnedPrincipal
  readonly policyOf: StandingFacts['contentPolicy']
  close(): Promise<void>
}

/** The hub's name in its journal. */
export const hubSource = 'hub'

/** Opens everything a hub needs. Throws DATA_DIR_UNWRITABLE, DATA_DIR_LOCKED, STORE_UNAVAILABLE. */
export async function openHub(config: Config, clock: Clock, logger: Logger): Promise<HubParts> {
  const dirs = dataDirAt(config.dataDir)
  await ensureDataDir(dirs.root)
  const owned = await claimDirectory(dirs.root)
  try {
    return await openOwned(config, dirs, owned, clock, logger)
  } catch (cause) {
    await owned.release()
    throw cause
  }
}

async function openOwned(
  config: Config,
  dirs: DataDir,
  owned: ClaimedDirectory,
  clock: Clock,
  logger: Logger,
): Promise<HubParts> {
  await ensureWritableDir(dirs.config)
  await checkOrigin(dirs.config, config.simulated)
  const keys = await loadSecretKeys(dirs.config)
  const archive = await openArchive(dirs.archive)
  const journal = await openJournal({ dir: dirs.journalOf(hubSource), source: hubSource, clock, random: randomBytes })
  const act = createHubJournal(journal)
  const aws = createAwsClients(config.aws, clock)
  const ledger = await openLedgerKeeper({ config, dirs, archive, aws, act, clock, logger })
  const engine = await openEngine(config, dirs)
  const store = await openStore({ engine, clock, simulated: config.simulated })
  const vault = await openVault({ dir: dirs.vault, wrapper: wrapperOf(config, keys, aws), random: randomBytes })
  const sourcesRead: SourcesRead = {
    access: Number.POSITIVE_INFINITY,
    content: Number.POSITIVE_INFINITY,
    from: { access: Number.NEGATIVE_INFINITY, content: Number.NEGATIVE_INFINITY },
    foreign: new Map(),
  }
  const facts = standingFacts(config, keys, sourcesRead)
  return {
    config,
    dirs,
    clock,
    logger,
    keys,
    engine,
    store,
    archive,
    vault,
    journal,
    act,
    ledger,
    aws,
    corroborator: createCorroborator(engine, store, facts, clock),
    sourcesRead,
    simulated: config.simulated,
    nameless: createNameless(keys('pseudonym')),
    policyOf: facts.contentPolicy,
    async close() {
      await ledger.enter()
      await ledger.close()
      await journal.close()
      await vault.close()
      aws.close()
      await engine.close()
      await owned.release()
    },
  }
}

function wrapperOf(config: Config, keys: SecretKeys, aws: AwsClients): KeyWrapper {
  const { kmsKey } = config.vault
  return kmsKey === undefined ? localWrapper(keys('vault-master'), randomBytes) : kmsWrapper(aws.kms(), kmsKey)
}

async function openEngine(config: Config, dirs: DataDir): Promise<Engine> {
  const { url, username, passwordFile } = config.store
  if (url === undefined) return openEmbeddedEngine(dirs.store)
  const password = passwordFile === undefined ? '' : (await readFile(passwordFile, 'utf8')).trim()
  return openServerEngine({ url, username, password })
}

/** Up to when the sources of each layer have been read, ms; without a configured source what was given is all there is. */
export interface SourcesRead {
  access: number
  content: number
  /** From when on each has been read, ms: older files come when there is time for them. */
  from: Readonly<Record<'access' | 'content', number>>
  /** By the names of other products' gateways whose logs are read as they grow. */
  readonly foreign: Map<string, number>
}

/** How long after a call its record may still wait in the product's own buffers, ms. */
const foreignGraceMs = 60_000

function standingFacts(config: Config, keys: SecretKeys, sourcesRead: SourcesRead): StandingFacts {
  const callKey = keys('call-id')
  const pseudonymKey = keys('pseudonym')
  return {
    windowMs: {
      access: config.corroborate.window.cloudtrail,
      content: config.corroborate.window.invocations,
      final: config.corroborate.window.final,
    },
    readUntil: (layer) => sourcesRead[layer],
    readFrom: (layer) => sourcesRead.from[layer],
    foreignReadUntil: (gateway) => (sourcesRead.foreign.get(gateway) ?? Number.NEGATIVE_INFINITY) - foreignGraceMs,
    isOurCallId: (id) => isOurCallId(id, callKey),
    contentPolicy: contentPolicyOf(config),
    approvalOf: approvalOf(config, pseudonymKey),
    ourRoles: config.gateway.sts === undefined ? [] : [config.gateway.sts.role],
    gatewayAddresses: new Set(config.gateway.addresses.map((address) => pseudonymOf(pseudonymKey, address))),
    silentAfterMs: Math.max(6 * config.gateway.heartbeat, 10_000),
  }
}

function createNameless(key: Uint8Array): HubParts['nameless'] {
  return (arn) => {
    const { arn: kept, alias, identities } = namelessArn(arn, key)
    const seen = identities[0]
    return {
      arn: kept,
      alias,
      // A principal without a name of its own (root, an instance) still needs a key for its bodies.
      owner: isVaultAlias(alias) ? alias : pseudonymOf(key, arn),
      identity: seen === undefined ? undefined : { kind: seen.kind, issuer: 'aws', subject: seen.text },
    }
  }
}
