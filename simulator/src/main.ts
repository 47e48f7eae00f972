import { parseArgs } from 'node:util'
import { accessKeys, accountId, buckets, directRoleArn, gatewayRoleArn, regions } from './account/estate.ts'
import { type Account, startAccount } from './account/start-account.ts'
import { type HistoryDriver, makeHistory } from './company/history.ts'
import { playLive } from './company/live.ts'
import { Traffic } from './company/traffic.ts'
import { type FromParent, fromParent, type ToParent } from './protocol.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: './data' },
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    /** How long a digest's window is; an hour at AWS, and seconds in a live demo, so that somebody who looks on sees them. */
    'digest-seconds': { type: 'string' },
  },
})
const port = Number(values.port)
const account = await startAccount({ dataDir: values.data, seed: Number(values.seed), ...(port === 0 ? {} : { port }) })
const digestSeconds = values['digest-seconds'] === undefined ? undefined : Number(values['digest-seconds'])
const hourMs = 3_600_000
const liveDigestMs = 30_000
const traffic = new Traffic(account)
const stage = { account, traffic }
let live: { stop(): void } | undefined

const ready: ToParent = {
  type: 'ready',
  aws: account.url,
  idp: account.idp.issuer,
  region: regions[0],
  accountId,
  gatewayCredentials: {
    accessKeyId: accessKeys.gateway.accessKeyId,
    secretAccessKey: accessKeys.gateway.secretAccessKey,
  },
  roleArn: gatewayRoleArn,
  directRoleArn,
  buckets,
}

if (process.send === undefined) {
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  account.digests.periodMs = (digestSeconds ?? 3_600) * 1_000
  account.validateLogFiles()
  setInterval(() => account.deliver(), 1000)
  process.once('SIGTERM', () => void end())
  process.once('SIGINT', () => void end())
} else {
  // The terminal's Ctrl-C reaches the whole group; the parent says when it is this process's turn.
  process.on('SIGINT', () => undefined)
  process.once('disconnect', () => void end())
  const waiting = new Set<(message: FromParent) => void>()
  process.on('message', (message) => {
    const parsed = fromParent.safeParse(message)
    if (!parsed.success) return
    for (const listener of [...waiting]) listener(parsed.data)
    if (parsed.data.type === 'stop') void end()
    if (parsed.data.type === 'hold') account.parts.clock.set(parsed.data.at)
    if (parsed.data.type === 'history') void history(account, parsed.data, driverOver(waiting))
    if (parsed.data.type === 'live') startLive(parsed.data)
  })
  // What fell due while nothing ran is delivered before anybody looks.
  account.deliver()
  tell(ready)
}

async function history(
  on: Account,
  wanted: Extract<FromParent, { type: 'history' }>,
  driver: HistoryDriver,
): Promise<void> {
  traffic.gateway = wanted.gateway
  traffic.serviceKey = wanted.serviceKey
  on.delivery.cloudTrail = [4 * 60_000, 9 * 60_000]
  on.delivery.invocations = [60_000, 120_000]
  on.digests.periodMs = hourMs
  on.validateLogFiles()
  const calls = await makeHistory(stage, driver, wanted.from)
  on.parts.clock.release()
  tell({ type: 'history-done', calls })
}

function driverOver(waiting: Set<(message: FromParent) => void>): HistoryDriver {
  const next = <T extends FromParent['type']>(type: T) =>
    new Promise<Extract<FromParent, { type: T }>>((resolve) => {
      const listener = (message: FromParent) => {
        if (!isType(message, type)) return
        waiting.delete(listener)
        resolve(message)
      }
      waiting.add(listener)
    })
  return {
    async clock(at) {
      const set = next('clock-set')
      account.parts.clock.set(at)
      tell({ type: 'clock', at })
      await set
    },
    async act(name) {
      const done = next('act-done')
      tell({ type: 'act', act: name })
      return (await done).gateway
    },
  }
}

function isType<T extends FromParent['type']>(
  message: FromParent,
  type: T,
): message is Extract<FromParent, { type: T }> {
  return message.type === type
}

function startLive(wanted: Extract<FromParent, { type: 'live' }>): void {
  traffic.gateway = wanted.gateway
  traffic.serviceKey = wanted.serviceKey
  account.delivery.cloudTrail = [3_000, 8_000]
  account.delivery.invocations = [2_000, 5_000]
  account.digests.periodMs = digestSeconds === undefined ? liveDigestMs : digestSeconds * 1_000
  account.validateLogFiles()
  account.parts.latency.firstByteMs = [100, 600]
  account.parts.latency.chunkMs = [10, 30]
  live = playLive(stage)
}

async function end(): Promise<void> {
  live?.stop()
  await account.close()
  process.exit(0)
}

function tell(message: ToParent): void {
  if (process.connected) process.send?.(message)
}
