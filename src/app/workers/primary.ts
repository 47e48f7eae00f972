import { AsyncLocalStorage } from 'node:async_hooks'
import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { AggregatorRegistry, Registry } from 'prom-client'
import { RateLimiterClusterMaster } from 'rate-limiter-flexible'
import { z } from 'zod'
import { openAliasBook } from '../../capture/gateway/alias-book.ts'
import { serveMetrics } from '../../capture/gateway/observe/serve-metrics.ts'
import { createSessionOpener, createSessions } from '../../capture/gateway/sessions.ts'
import { createAwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import { loadSecretKeys } from '../../platform/secret-keys.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { aliasSchema } from '../../record/alias.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import { principalSchema } from '../../record/principal.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt, ensureDataDir } from '../data-dir.ts'
import { ChildFailed } from '../processes/child.ts'
import { type FromChild, fromChild } from '../processes/protocol.ts'
import { type Ask, answerOver, createAsk } from './worker-channel.ts'

/** How workers are started. */
export interface WorkerCommand {
  readonly script: string
  readonly args: readonly string[]
}

/** The name of the variable that tells a process which worker it is. */
export const workerVariable = 'TRIPTYCH_WORKER'
/** Set for a worker that is started again. */
export const restartVariable = 'TRIPTYCH_WORKER_AGAIN'

/** A worker that ends sooner than this after its start counts as a failed start. */
const soonMs = 5_000
const mostFailedStarts = 5
const restartAfterMs = 500

const ownerSchema = z.object({
  alias: aliasSchema,
  team: z.string(),
  project: z.string(),
  token: z.string().optional(),
})

/** The worker for which something is being done. */
const asking = new AsyncLocalStorage<Ask>()

interface Running {
  readonly worker: Worker
  readonly ask: Ask
  /** Empty until it is ready. */
  readonly url: string
  readonly ready: Promise<string>
}

/**
 * One gateway of several processes: each takes its share of the connections and has a journal of its own; aliases, sessions and
 * counts are shared through this one. A worker that ends is started again. Throws ChildFailed when the first cannot start.
 */
export class GatewayWorkers {
  readonly #config: Config
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #slots: (Running | undefined)[] = []
  readonly #ended: { resolve(cause: unknown): void; readonly promise: Promise<unknown> }
  #answerers: Parameters<typeof answerOver>[1] = {}
  #close: () => Promise<void> = async () => undefined
  #closing = false
  #restarting: Promise<void> | undefined
  /** Slots that were started once: what they counted is in the counts. */
  readonly #begun = new Set<number>()
  /** How often a slot ended soon after its start, without a good one in between. */
  readonly #failed = new Map<number, number>()

  private constructor(config: Config, clock: Clock, logger: Logger) {
    this.#config = config
    this.#clock = clock
    this.#logger = logger
    let resolve: (cause: unknown) => void = () => undefined
    const promise = new Promise<unknown>((done) => {
      resolve = done
    })
    this.#ended = { resolve, promise }
  }

  static async start(config: Config, command: WorkerCommand, clock: Clock, logger: Logger): Promise<GatewayWorkers> {
    const workers = new GatewayWorkers(config, clock, logger)
    cluster.setupPrimary({ exec: command.script, args: [...command.args] })
    await workers.#open()
    try {
      for (let slot = 0; slot < config.gateway.workers; slot++) await workers.#fork(slot)
    } catch (cause) {
      await workers.close()
      throw cause
    }
    return workers
  }

  get url(): string {
    return this.#slots.find((slot) => slot !== undefined)?.url ?? ''
  }

  /** Resolves when the workers cannot be kept running. */
  get lost(): Promise<unknown> {
    return this.#ended.promise
  }

  /** Each worker in turn ends, when its last call has, and is started again; the others take the connections meanwhile. */
  restartInTurn(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined
    })
    return this.#restarting
  }

  async #restart(): Promise<void> {
    for (let slot = 0; slot < this.#slots.length && !this.#closing; slot++) {
      await this.#stop(slot)
      if (!this.#closing) await this.#fork(slot).catch(() => this.#replace(slot))
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#restarting?.catch(() => undefined)
    await Promise.all(this.#slots.map((_, slot) => this.#stop(slot)))
    await this.#close()
  }

  async #open(): Promise<void> {
    const { gateway, dataDir, simulated } = this.#config
    const dirs = dataDirAt(dataDir)
    await ensureDataDir(dirs.root)
    const keys = await loadSecretKeys(dirs.config)
    const aliases = await openAliasBook({
      path: dirs.aliasBookOf(gatewaySource(gateway.id)),
      keys,
      random: randomBytes,
    })
    const aws = createAwsClients(this.#config.aws, this.#clock)
    const sessions = createSessions({
      clock: this.#clock,
      shared: gateway.sts?.onFailure === 'shared' ? () => aws.sts().config.credentials() : undefined,
      open: createSessionOpener({
        sts: aws.sts,
        roleArn: gateway.sts?.role ?? '',
        mode: gateway.sts?.mode ?? 'assumeRole',
        clock: this.#clock,
        simulated,
        // This process has no journal: the worker that asks writes it into its own.
        record: (opened) => (asking.getStore() ?? this.#anyWorker())('session.record', opened),
      }),
    })
    this.#answerers = {
      alias: (principal) => aliases.aliasOf(principalSchema.parse(principal)),
      session: (owner) => sessions.get(ownerSchema.parse(owner)),
      'session.drop': async (dropped) => {
        const { owner, accessKeyId } = z.object({ owner: ownerSchema, accessKeyId: z.string() }).parse(dropped)
        // Another worker may have had it renewed meanwhile.
        if ((await sessions.get(owner)).accessKeyId === accessKeyId) await sessions.drop(owner)
      },
    }
    startCounting()
    const aggregated = new AggregatorRegistry()
    const metrics =
      gateway.metrics === undefined
        ? undefined
        : await serveMetrics(gateway.metrics, {
            contentType: Registry.PROMETHEUS_CONTENT_TYPE,
            metrics: () => aggregated.clusterMetrics(),
          })
    this.#close = async () => {
      await metrics?.close()
      await aliases.close()
      aws.close()
    }
  }

  /** The same answers for every worker; what they lead to knows for whom it is. */
  #answerersFor(ask: Ask): Parameters<typeof answerOver>[1] {
    const { alias, session, ...others } = this.#answerers
    return {
      ...others,
      ...(alias === undefined ? {} : { alias }),
      ...(session === undefined ? {} : { session: (owner) => asking.run(ask, () => session(owner)) }),
    }
  }

  #anyWorker(): Ask {
    const running = this.#slots.find((slot) => slot?.worker.isConnected() === true && slot.url !== '')
    if (running === undefined) throw new TriptychError('WORKER_SILENT', { topic: 'session.record' })
    return running.ask
  }

  async #fork(slot: number): Promise<void> {
    const isFirst = !this.#begun.has(slot)
    this.#begun.add(slot)
    const worker = cluster.fork({ [workerVariable]: String(slot), [restartVariable]: isFirst ? '' : '1' })
    // Answers to one that is gone fail; its end is what is heard.
    worker.on('error', () => this.#logger.warn('gateway.worker.unreachable', { slot }))
    const ask = createAsk(worker)
    answerOver(worker, this.#answerersFor(ask))
    const ready = readyOf(worker)
    this.#slots[slot] = { worker, ask, url: '', ready }
    const url = await ready
    this.#slots[slot] = { worker, ask, url, ready }
    worker.once('exit', () => {
      this.#slots[slot] = undefined
      if (worker.exitedAfterDisconnect || this.#closing) return
      this.#logger.error('gateway.worker.ended', { slot })
      void this.#replace(slot)
    })
    setTimeout(() => {
      if (this.#slots[slot]?.worker === worker) this.#failed.delete(slot)
    }, soonMs).unref()
  }

  async #replace(slot: number): Promise<void> {
    const failed = (this.#failed.get(slot) ?? 0) + 1
    this.#failed.set(slot, failed)
    if (failed >= mostFailedStarts) return this.#ended.resolve(new TriptychError('WORKER_LOST', { slot }))
    await new Promise((resolve) => setTimeout(resolve, restartAfterMs * failed))
    if (this.#closing) return
    await this.#fork(slot).catch(() => this.#replace(slot))
  }

  async #stop(slot: number): Promise<void> {
    const running = this.#slots[slot]
    if (running === undefined) return
    const { worker, ready } = running
    // One that is still starting does not hear yet.
    if (
      !(await ready.then(
        () => true,
        () => false,
      ))
    )
      return
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.exitedAfterDisconnect = true
    worker.send({ type: 'stop' }, () => undefined)
    await exited
  }
}

/** The worker's first words. Throws ChildFailed with what it ended with. */
function readyOf(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown) => {
      const said: FromChild | undefined = fromChild.safeParse(message).data
      if (said?.type === 'ready') resolve(said.url)
      else if (said?.type === 'failed') reject(new ChildFailed(said.text, said.exit))
      else return
      worker.off('message', listen)
    }
    worker.on('message', listen)
    worker.once('exit', (code) => reject(new ChildFailed('', code || 1)))
  })
}

/** From its making on it counts for the workers: it listens to the cluster's messages. */
function startCounting(): RateLimiterClusterMaster {
  return new RateLimiterClusterMaster()
}
