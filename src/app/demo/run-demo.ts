import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createServiceKey } from '../../capture/gateway/service-keys.ts'
import { systemClock } from '../../platform/clock.ts'
import { writeFileAtomic } from '../../platform/files.ts'
import { gatewaySource } from '../../record/gateway-call.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt } from '../data-dir.ts'
import { type Child, quietSdk, startChild, storeThreads } from '../processes/child.ts'
import { demoConfig } from './demo-config.ts'
import { forgetHalfMadeDay, madeDay, markDay } from './demo-day.ts'
import { makeHistory, shipJournal } from './history.ts'
import { type SimulatorProcess, startSimulator } from './simulator-process.ts'

/** What a demo is given. */
export interface DemoParts {
  readonly config: Config
  readonly script: string
  readonly packageRoot: string
  readonly env: Readonly<Record<string, string>>
  readonly say: (text: string) => void
  /** Progress may overwrite its line. */
  readonly overwrite: boolean
}

/** A demo that runs. */
export interface RunningDemo {
  gateway: Child
  readonly hub: Child
  readonly simulator: SimulatorProcess
}

const dayMs = 86_400_000
const secondGateway = 'gw02'

/** A simulated account, a made yesterday at the first start, then live traffic. */
export async function startDemo(parts: DemoParts): Promise<RunningDemo> {
  const { dataDir } = parts.config
  await forgetHalfMadeDay(dataDir)
  await mkdir(dataDirAt(dataDir).config, { recursive: true, mode: 0o700 })
  parts.say('No account is configured: a simulated AWS account stands in. Every record says `simulated`.\n')
  const simulator = await startSimulator(parts.packageRoot, join(dataDir, 'simulator'), parts.env)
  const cast = new Cast(parts, simulator)
  try {
    return await play(parts, cast, simulator)
  } catch (cause) {
    await cast.stopAll()
    await simulator.stop()
    throw cause
  }
}

async function play(parts: DemoParts, cast: Cast, simulator: SimulatorProcess): Promise<RunningDemo> {
  const { dataDir, gateway: wanted, hub: console } = parts.config
  const dirs = dataDirAt(dataDir)
  const file = await writeConfig(
    dirs.config,
    demoConfig(dataDir, simulator.ready, {
      gateway: `${wanted.listen.host}:${wanted.listen.port}`,
      hub: `${console.listen.host}:${console.listen.port}`,
    }),
  )
  const dayIsMade = (await madeDay(dataDir)) !== undefined
  const from = Math.floor(systemClock.now() / dayMs) * dayMs - dayMs
  const clock = dayIsMade ? undefined : from
  if (clock !== undefined) simulator.send({ type: 'hold', at: clock })
  const hub = await cast.start('hub', file, clock)
  let gateway = await cast.start('gateway', file, clock)
  const serviceKey = await pipelineKey(dirs.config, dirs.serviceKeys)
  if (!dayIsMade) {
    await markDay(dataDir, 'making', from)
    const history = {
      simulator,
      hub,
      gateway,
      serviceKey,
      restartGateway: (at: number) => cast.start('gateway', file, at),
      startSecondGateway: (at: number) => startSecondGateway(parts, cast, simulator, at),
      onProgress: progressOf(parts),
    }
    const calls = await makeHistory(history, from, from + dayMs)
    gateway = history.gateway
    await markDay(dataDir, 'made', from)
    parts.say(
      `${parts.overwrite ? '\r' : ''}yesterday is made: ${calls} calls through the real gateway, with an injected clock\n`,
    )
  }
  simulator.send({ type: 'live', gateway: gateway.url, serviceKey })
  return { hub, gateway, simulator }
}

/** The processes of a demo; what starts is remembered, so that a failed start leaves nothing behind. */
class Cast {
  readonly #parts: DemoParts
  readonly #env: Readonly<Record<string, string>>
  readonly #started: Child[] = []

  constructor(parts: DemoParts, simulator: SimulatorProcess) {
    const { accessKeyId, secretAccessKey } = simulator.ready.gatewayCredentials
    // Children read their configuration from its file alone: the variables are in it already.
    const inherited = Object.entries(parts.env).filter(([name]) => !name.startsWith('TRIPTYCH_'))
    this.#parts = parts
    this.#env = {
      ...Object.fromEntries(inherited),
      ...quietSdk,
      ...storeThreads,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }
  }

  /** @param clock where the child's clock stands at its start, ms; undefined: it runs */
  async start(command: 'hub' | 'gateway', configFile: string, clock: number | undefined): Promise<Child> {
    const held = clock === undefined ? [] : ['--clock', String(clock)]
    const child = await startChild(this.#parts.script, ['--config', configFile, command, ...held], this.#env)
    this.#started.push(child)
    return child
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#started.map((child) => child.stop()))
  }
}

/** A gateway on another machine: a directory of its own, whose journal is shipped once and then lost with its disk. */
async function startSecondGateway(
  parts: DemoParts,
  cast: Cast,
  simulator: SimulatorProcess,
  at: number,
): Promise<{ child: Child; dataDir: string }> {
  const dirs = dataDirAt(parts.config.dataDir)
  const dataDir = join(parts.config.dataDir, 'second-machine')
  const second = dataDirAt(dataDir)
  await mkdir(second.config, { recursive: true, mode: 0o700 })
  await writeFileAtomic(join(second.config, 'root.key'), await readFile(join(dirs.config, 'root.key')))
  const file = await writeConfig(
    second.config,
    demoConfig(dataDir, simulator.ready, { gateway: '127.0.0.1:0', hub: '127.0.0.1:0' }, secondGateway),
  )
  const child = await cast.start('gateway', file, at)
  const source = gatewaySource(secondGateway)
  await shipJournal(second.journalOf(source), dirs.journalOf(source))
  return { child, dataDir }
}

async function writeConfig(dir: string, config: unknown): Promise<string> {
  // JSON is YAML: one reader for both.
  const path = join(dir, 'demo.yaml')
  await writeFileAtomic(path, `${JSON.stringify(config, null, 2)}\n`)
  return path
}

const keySchema = z.object({ token: z.string() })

/** The pipeline's service key, made once and kept beside the configuration: it opens a simulated account only. */
async function pipelineKey(configDir: string, serviceKeys: string): Promise<string> {
  const path = join(configDir, 'demo-pipeline.json')
  const kept = await readFile(path, 'utf8').catch(() => undefined)
  if (kept !== undefined) return keySchema.parse(JSON.parse(kept)).token
  const wanted = { name: 'nightly-review', team: 'platform', project: 'ci', days: 365 }
  const { token } = await createServiceKey(serviceKeys, wanted, systemClock, randomBytes)
  await writeFileAtomic(path, JSON.stringify({ token }))
  return token
}

function progressOf(parts: DemoParts): (at: number) => void {
  let shown = ''
  return (at) => {
    const hour = new Date(at).toISOString().slice(11, 13)
    if (hour === shown) return
    shown = hour
    parts.say(parts.overwrite ? `\rmaking yesterday: ${hour}:00 UTC ` : `making yesterday: ${hour}:00 UTC\n`)
  }
}
