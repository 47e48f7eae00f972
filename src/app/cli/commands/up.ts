import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createServiceKey } from '../../../capture/gateway/service-keys.ts'
import { systemClock } from '../../../platform/clock.ts'
import { ensureWritableDir, writeFileAtomic } from '../../../platform/files.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { answers, socketPathFor } from '../../../platform/unix-socket.ts'
import { hubSocketName } from '../../compose/hub.ts'
import type { Config } from '../../config-schema.ts'
import { dataDirAt } from '../../data-dir.ts'
import { type Child, startChild } from '../../demo/child.ts'
import { demoConfig } from '../../demo/demo-config.ts'
import { makeHistory, shipJournal } from '../../demo/history.ts'
import { type SimulatorProcess, startSimulator } from '../../demo/simulator-process.ts'
import { showLive } from '../live-view.ts'
import { paint, type Screen } from '../print.ts'

/** What `up` is given. */
export interface UpParts {
  readonly config: Config
  readonly configFile: string | undefined
  /** Whether an account is configured; without one the simulator stands in for AWS. */
  readonly configured: boolean
  readonly script: string
  readonly packageRoot: string
  readonly env: Readonly<Record<string, string>>
  readonly screen: Screen
  readonly stopped: Promise<void>
}

interface Running {
  gateway: Child
  readonly hub: Child
  readonly simulator: SimulatorProcess | undefined
}

const dayMs = 86_400_000
/** The engine runs queries on libuv's threads; its pool must be larger than the number of sessions. */
const threads = { UV_THREADPOOL_SIZE: '16' }
/** The SDK's own reminder that its releases of 2027 will leave Node 20; the README says so once. */
const quietSdk = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }

/** `triptych up`: gateway and hub on one machine, supervised, until a signal comes. */
export async function upCommand(parts: UpParts): Promise<number> {
  const { config, screen } = parts
  await ensureWritableDir(config.dataDir)
  if (await answers(socketPathFor(config.dataDir, hubSocketName)))
    throw new TriptychError('DATA_DIR_LOCKED', { path: config.dataDir })
  const running = parts.configured ? await startConfigured(parts) : await startDemo(parts)
  screen.write(intro(running, config.dataDir, screen))
  const live = showLive(socketPathFor(config.dataDir, hubSocketName), screen)
  const exit = await Promise.race([parts.stopped.then(() => 0), running.hub.ended, running.gateway.ended])
  live.stop()
  screen.write('\nstopping …\n')
  await stopAll(running)
  return exit
}

async function startConfigured(parts: UpParts): Promise<Running> {
  const args = parts.configFile === undefined ? [] : ['--config', parts.configFile]
  const hub = await startChild(parts.script, ['hub', ...args], { ...parts.env, ...quietSdk, ...threads })
  try {
    return {
      hub,
      gateway: await startChild(parts.script, ['gateway', ...args], { ...parts.env, ...quietSdk }),
      simulator: undefined,
    }
  } catch (cause) {
    await hub.stop()
    throw cause
  }
}

/** A demo's children read their configuration from its file alone: the variables are in it already. */
function withoutConfig(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TRIPTYCH_')))
}

/** The demo: a simulated account, a made yesterday at the first start, then live traffic. */
async function startDemo(parts: UpParts): Promise<Running> {
  const { config, screen } = parts
  const dirs = dataDirAt(config.dataDir)
  await forgetHalfMadeDay(config.dataDir)
  await mkdir(dirs.config, { recursive: true, mode: 0o700 })
  screen.write('No account is configured: a simulated AWS account stands in. Every record says `simulated`.\n')
  const simulator = await startSimulator(parts.packageRoot, join(config.dataDir, 'simulator'), parts.env)
  const { gatewayCredentials } = simulator.ready
  const env = {
    ...withoutConfig(parts.env),
    AWS_ACCESS_KEY_ID: gatewayCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: gatewayCredentials.secretAccessKey,
  }
  const { host, port } = config.gateway.listen
  const file = await writeConfig(dirs.config, 'demo', demoConfig(config.dataDir, simulator.ready, `${host}:${port}`))
  const started: Child[] = []
  const start = async (command: string, configFile: string) => {
    const child = await startChild(parts.script, [command, '--config', configFile], { ...env, ...threads })
    started.push(child)
    return child
  }
  try {
    const hub = await start('hub', file)
    const gateway = await start('gateway', file)
    const serviceKey = await demoServiceKey(dirs.config, dirs.serviceKeys)
    const running: Running = { hub, gateway, simulator }
    if (!(await isDayMade(config.dataDir)))
      await makeYesterday(parts, running, simulator, serviceKey, () => start('gateway', file))
    simulator.send({ type: 'live', gateway: running.gateway.url, serviceKey })
    return running
  } catch (cause) {
    await Promise.all(started.map((child) => child.stop()))
    await simulator.stop()
    throw cause
  }
}

async function makeYesterday(
  parts: UpParts,
  running: Running,
  simulator: SimulatorProcess,
  serviceKey: string,
  startGateway: () => Promise<Child>,
): Promise<void> {
  const { config, screen } = parts
  await markDay(config.dataDir, 'making')
  const today = Math.floor(systemClock.now() / dayMs) * dayMs
  let shown = ''
  const history = {
    simulator,
    hub: running.hub,
    gateway: running.gateway,
    serviceKey,
    restartGateway: startGateway,
    startSecondGateway: () => startSecondGateway(parts, simulator),
    onProgress(at: number) {
      const hour = new Date(at).toISOString().slice(11, 13)
      if (hour === shown) return
      shown = hour
      screen.write(screen.colour ? `\rmaking yesterday: ${hour}:00 UTC ` : `making yesterday: ${hour}:00 UTC\n`)
    },
  }
  const calls = await makeHistory(history, today - dayMs, today)
  running.gateway = history.gateway
  await markDay(config.dataDir, 'made')
  screen.write(
    `${screen.colour ? '\r' : ''}yesterday is made: ${calls} calls through the real gateway, with an injected clock\n`,
  )
}

/** A gateway on another machine: a directory of its own, whose journal is shipped once and then lost with its disk. */
async function startSecondGateway(
  parts: UpParts,
  simulator: SimulatorProcess,
): Promise<{ child: Child; dataDir: string }> {
  const dirs = dataDirAt(parts.config.dataDir)
  const dataDir = join(parts.config.dataDir, 'second-machine')
  const second = dataDirAt(dataDir)
  await mkdir(second.config, { recursive: true, mode: 0o700 })
  await writeFileAtomic(join(second.config, 'root.key'), await readFile(join(dirs.config, 'root.key')))
  const file = await writeConfig(second.config, 'second', demoConfig(dataDir, simulator.ready, '127.0.0.1:0', 'gw02'))
  const { gatewayCredentials } = simulator.ready
  const env = {
    ...withoutConfig(parts.env),
    AWS_ACCESS_KEY_ID: gatewayCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: gatewayCredentials.secretAccessKey,
  }
  const child = await startChild(parts.script, ['gateway', '--config', file], env)
  await shipJournal(second.journalOf('gateway-gw02'), dirs.journalOf('gateway-gw02'))
  return { child, dataDir }
}

async function writeConfig(dir: string, name: string, config: unknown): Promise<string> {
  // JSON is YAML: one reader for both.
  const path = join(dir, `${name}.yaml`)
  await writeFileAtomic(path, `${JSON.stringify(config, null, 2)}\n`)
  return path
}

const keySchema = z.object({ token: z.string() })

/** The pipeline's key of the demo, made once and kept beside its configuration: it opens a simulated account only. */
async function demoServiceKey(configDir: string, serviceKeys: string): Promise<string> {
  const path = join(configDir, 'demo-pipeline.json')
  const kept = await readFile(path, 'utf8').catch(() => undefined)
  if (kept !== undefined) return keySchema.parse(JSON.parse(kept)).token
  const { token } = await createServiceKey(
    serviceKeys,
    { name: 'nightly-review', team: 'platform', project: 'ci', days: 365 },
    systemClock,
    randomBytes,
  )
  await writeFileAtomic(path, JSON.stringify({ token }))
  return token
}

function dayMark(dataDir: string): string {
  return join(dataDir, 'config', 'demo-day')
}

async function markDay(dataDir: string, state: 'making' | 'made'): Promise<void> {
  await writeFileAtomic(dayMark(dataDir), state)
}

async function isDayMade(dataDir: string): Promise<boolean> {
  return (await readFile(dayMark(dataDir), 'utf8').catch(() => '')) === 'made'
}

/** A day that was cut off in the making would be half true: it is made anew. Only ever the demo's own directory. */
async function forgetHalfMadeDay(dataDir: string): Promise<void> {
  const state = await readFile(dayMark(dataDir), 'utf8').catch(() => '')
  if (state !== 'making') return
  for (const part of ['archive', 'config', 'identities', 'journal', 'simulator', 'store', 'vault', 'second-machine']) {
    await rm(join(dataDir, part), { recursive: true, force: true })
  }
}

async function stopAll(running: Running): Promise<void> {
  await running.simulator?.stop()
  await running.gateway.stop()
  await running.hub.stop()
}

function intro(running: Running, dataDir: string, screen: Screen): string {
  const demo = running.simulator !== undefined
  const windows = demo ? 'Delivery and windows are seconds here; on AWS they are minutes and hours.\n' : ''
  return [
    '',
    `${paint(screen, 'bold', 'triptych')} is running${demo ? paint(screen, 'yellow', ' on a simulated account') : ''}: gateway ${running.gateway.url}, data in ${dataDir}`,
    windows,
    'From a second terminal, in this directory:',
    '  npx triptych coverage                       who could see what, and how the calls came out',
    '  npx triptych calls --verdict bypass         what went round the gateway',
    '  npx triptych call <call>                    the three witnesses of one call, side by side',
    '  npx triptych ask who                        who used it, how much',
    '',
    'Calls as they are judged (seen: A CloudTrail, G gateway, C invocation log). Ctrl-C stops everything.',
    '',
  ].join('\n')
}
