import { join } from 'node:path'
import { AccountClock } from './clock.ts'
import { DigestState } from './digest-state.ts'
import { Digests } from './digests.ts'
import { buckets, regions } from './estate.ts'
import { Faults } from './faults.ts'
import { type IdentityProvider, openIdentityProvider } from './idp.ts'
import { InvocationLog } from './invocation-log.ts'
import { listen } from './listener.ts'
import { ObjectStore } from './object-store.ts'
import type { AccountParts, Latency } from './parts.ts'
import { Random } from './random.ts'
import { Received } from './received.ts'
import { handle } from './serve.ts'
import { SigningKeys } from './signing-keys.ts'
import { StateFile } from './state.ts'
import { type DeliveryMs, Trail } from './trail.ts'

/** What an account is started with; all have defaults but the directory. */
export interface AccountOptions {
  readonly dataDir: string
  /** 0: the port of the last run, or any that is free. */
  readonly port?: number
  readonly seed?: number
  readonly latency?: Latency
  readonly delivery?: { cloudTrail: DeliveryMs; invocations: DeliveryMs }
  /** Switches log file validation on for every trail: a signed digest per period. Without it trails have none, as AWS's API makes them. */
  readonly digests?: { readonly periodMs: number }
}

/** A simulated AWS account that listens on loopback. */
export interface Account {
  readonly url: string
  readonly idp: IdentityProvider
  readonly parts: AccountParts
  /** How long after a call its logs are delivered; may be changed while it runs. */
  readonly delivery: { cloudTrail: DeliveryMs; invocations: DeliveryMs }
  /** How long a digest's window is, ms: an hour at AWS. May be changed while it runs. */
  readonly digests: { periodMs: number }
  /** Switches log file validation on for every trail; nothing happens where it is on. */
  validateLogFiles(): void
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
  const digestState = new DigestState(options.dataDir)
  const signingKeys = new SigningKeys(digestState)
  const period = { periodMs: options.digests?.periodMs ?? hourMs }
  const digests = new Digests({ state: digestState, keys: signingKeys, store, periodMs: () => period.periodMs })
  const parts: AccountParts = {
    clock,
    random,
    state,
    store,
    trail: new Trail({ state, random, store, digests, dir, delivery: () => delivery.cloudTrail }),
    digests,
    signingKeys,
    invocations: new InvocationLog({ state, random, store, dir, delivery: () => delivery.invocations }),
    faults: new Faults(),
    received: new Received(options.dataDir),
    latency: options.latency ?? { firstByteMs: [0, 0], chunkMs: [0, 0] },
  }
  if (options.digests !== undefined) validateAll(parts)
  let idp: IdentityProvider | undefined
  const listener = await listen(
    options.port ?? state.state.port,
    (incoming, response) => void handle(parts, incoming, response, idp),
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
    digests: period,
    validateLogFiles: () => validateAll(parts),
    deliver: () => deliverUpTo(clock.now()),
    deliverAll: () => deliverUpTo(Number.POSITIVE_INFINITY),
    close: listener.close,
  }
}

const hourMs = 3_600_000

function validateAll({ digests, trail, clock }: AccountParts): void {
  for (const region of regions) digests.setValidation(region, true, trail.isLogging(region), clock.now())
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
    trailTimes: {},
    logging: { [regions[0]]: on, [regions[1]]: null },
    idpKey: null,
  }
}
