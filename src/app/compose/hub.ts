import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { createLogger, type Logger } from '../../platform/logger.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import { listenOnSocket, socketPathFor } from '../../platform/unix-socket.ts'
import { createHubApi } from '../api/hub-api.ts'
import type { Config } from '../config-schema.ts'
import { isSimulatedDir } from '../origin-mark.ts'
import { version } from '../version.ts'
import { serveWeb } from '../web/serve-web.ts'
import { everyOf } from './hub-sources.ts'
import { createWork } from './hub-work.ts'
import { openHub } from './open-hub.ts'

/** A hub that runs. */
export interface RunningHub {
  readonly socketPath: string
  /** Where a browser opens the console. */
  readonly consoleUrl: string
  /** Looks at everything now, once: journals, sources, snapshots, verdicts. */
  runOnce(): Promise<void>
  /** Writes down what the account's configuration says now. */
  takeSnapshots(): Promise<void>
  close(): Promise<void>
}

/** A store opened by a command itself, because no hub runs. */
export interface HubHere {
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

/** The name of the hub's socket in the data directory. */
export const hubSocketName = 'hub.sock'

/** Starts the hub: its socket, its collectors, its join. Throws DATA_DIR_LOCKED when another hub owns the directory. */
export async function startHub(config: Config, clock: Clock, logger: Logger): Promise<RunningHub> {
  const socketPath = socketPathFor(config.dataDir, hubSocketName)
  const parts = await openHub(config, clock, logger)
  const work = await createWork(parts)
  const server = createAdaptorServer({ fetch: createHubApi(work.services, { via: 'socket' }).fetch, createServer })
  const web = await serveWeb(work.services, config.hub)
  work.consoleAt(web.url)
  await listenOnSocket(server, socketPath)
  await parts.act('hub.started', { version, simulated: config.simulated })
  const loop = repeat(() => work.runOnce(), runEvery(config), logger)
  return {
    socketPath,
    consoleUrl: web.url,
    runOnce: work.runOnce,
    takeSnapshots: work.takeSnapshots,
    async close() {
      await loop.stop()
      await web.close()
      await new Promise((resolve) => {
        server.close(resolve)
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await parts.act('hub.stopped', { version })
      await parts.close()
    },
  }
}

/** A queue's news is not to wait for the next judgement. */
function runEvery({ corroborate, sources }: Config): number {
  return Math.min(corroborate.every, ...sources.filter(({ sqs }) => sqs !== undefined).map(everyOf))
}

/** Opens the store of a data directory for one command. Throws DATA_DIR_LOCKED when somebody else has it open. */
export async function openHubHere(config: Config): Promise<HubHere> {
  const logger = createLogger('error', (line) => process.stderr.write(line))
  const parts = await openHub({ ...config, simulated: await isSimulatedDir(config.dataDir) }, systemClock, logger)
  const work = await createWork(parts)
  const api = createHubApi(work.services, { via: 'socket' })
  await work.judge()
  return { fetch: async (request) => api.fetch(request), close: parts.close }
}

function repeat(task: () => Promise<void>, everyMs: number, logger: Logger): { stop(): Promise<void> } {
  let stopped = false
  let wake: () => void = () => undefined
  const running = (async () => {
    while (!stopped) {
      await task().catch((cause: unknown) => logger.error('hub.run.failed', { error: asTriptychError(cause).message }))
      if (stopped) break
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, everyMs)
      })
    }
  })()
  return {
    async stop() {
      stopped = true
      wake()
      await running
    },
  }
}
