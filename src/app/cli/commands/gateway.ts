import cluster from 'node:cluster'
import type { HeldClock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/logger.ts'
import { startGateway } from '../../compose/gateway.ts'
import { environment } from '../../config.ts'
import type { Config } from '../../config-schema.ts'
import { GatewayWorkers, restartVariable, type WorkerCommand, workerVariable } from '../../workers/primary.ts'
import { createSharedParts, workerId } from '../../workers/worker.ts'
import { runUntilStopped } from './run-child.ts'

/** `triptych gateway`: one process, or a first one and its workers. SIGHUP starts the workers again, one after the other. */
export async function runGateway(
  config: Config,
  command: WorkerCommand,
  logger: Logger,
  stopped: Promise<void>,
  heldAt: number | undefined,
): Promise<number> {
  if (cluster.isWorker) {
    const id = workerId(config.gateway.id, Number(environment[workerVariable] ?? 0))
    const own = { ...config, gateway: { ...config.gateway, id } }
    const start = (clock: HeldClock) =>
      startGateway(own, clock, logger, createSharedParts(process, (environment[restartVariable] ?? '') === ''))
    // A signal to the whole group is for the first process to pass on.
    return runUntilStopped(config.simulated, start, new Promise(() => undefined), heldAt)
  }
  if (config.gateway.workers === 1)
    return runUntilStopped(config.simulated, (clock) => startGateway(config, clock, logger), stopped, heldAt)
  const { promise: lost, settle } = awaited()
  const start = async (clock: HeldClock) => {
    const workers = await GatewayWorkers.start(config, command, clock, logger)
    process.on('SIGHUP', () => void workers.restartInTurn().catch(() => logger.error('gateway.workers.not-restarted')))
    void workers.lost.then(settle)
    return workers
  }
  const end = Promise.race([stopped.then(() => undefined), lost])
  const code = await runUntilStopped(
    config.simulated,
    start,
    end.then(() => undefined),
    heldAt,
  )
  const failure = await Promise.race([lost, Promise.resolve(undefined)])
  if (failure !== undefined) throw failure
  return code
}

/** A promise that something else settles. */
function awaited(): { readonly promise: Promise<unknown>; settle(value: unknown): void } {
  let settle: (value: unknown) => void = () => undefined
  const promise = new Promise<unknown>((resolve) => {
    settle = resolve
  })
  return { promise, settle: (value) => settle(value) }
}
