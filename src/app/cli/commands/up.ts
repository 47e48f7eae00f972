import { createServer } from 'node:net'
import { errnoOf, TriptychError } from '../../../platform/triptych-error.ts'
import { answers, socketPathFor } from '../../../platform/unix-socket.ts'
import { type StoryAnswer, storySchema } from '../../api/schema/story.ts'
import { hubSocketName } from '../../compose/hub.ts'
import type { Config } from '../../config-schema.ts'
import { ensureDataDir } from '../../data-dir.ts'
import { startDemo } from '../../demo/run-demo.ts'
import type { SimulatorProcess } from '../../demo/simulator-process.ts'
import { type Child, quietSdk, startChild, storeThreads } from '../../processes/child.ts'
import { connectHub } from '../hub-client.ts'
import { showLive } from '../live-view.ts'
import { paint, type Screen } from '../print.ts'
import { consoleLink, ownerRoles } from './console.ts'

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

/** `triptych up`: gateway and hub on one machine, supervised, until a signal comes. */
export async function upCommand(parts: UpParts): Promise<number> {
  const { config, screen } = parts
  await ensureDataDir(config.dataDir)
  if (await answers(socketPathFor(config.dataDir, hubSocketName)))
    throw new TriptychError('DATA_DIR_LOCKED', { path: config.dataDir })
  // Known before a store is opened; the gateway starts last, for whoever sees it ready may count on the hub.
  await checkPort(config.gateway.listen)
  const running = parts.configured
    ? await startConfigured(parts)
    : await startDemo({ ...parts, say: screen.write, overwrite: screen.colour })
  screen.write(intro(running, config.dataDir, await hintsOf(config), screen))
  const live = showLive(socketPathFor(config.dataDir, hubSocketName), screen)
  const exit = await Promise.race([parts.stopped.then(() => 0), running.hub.ended, running.gateway.ended])
  live.stop()
  screen.write('\nstopping …\n')
  await stopAll(running)
  return exit
}

/** Throws LISTEN_FAILED when the gateway's port is held. */
async function checkPort({ host, port }: Config['gateway']['listen']): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const facts = { setting: 'gateway.listen', address: `${host}:${port}`, reason: errnoOf(cause) ?? 'unknown' }
      reject(new TriptychError('LISTEN_FAILED', facts, cause))
    })
    server.listen(port, host, resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}

async function startConfigured(parts: UpParts): Promise<Running> {
  const args = parts.configFile === undefined ? [] : ['--config', parts.configFile]
  const hub = await startChild(parts.script, ['hub', ...args], { ...parts.env, ...quietSdk, ...storeThreads })
  try {
    const gateway = await startChild(parts.script, ['gateway', ...args], { ...parts.env, ...quietSdk })
    return { hub, gateway, simulator: undefined }
  } catch (cause) {
    await hub.stop()
    throw cause
  }
}

async function stopAll(running: Running): Promise<void> {
  await running.gateway.stop()
  await running.hub.stop()
  await running.simulator?.stop()
}

interface Hints {
  readonly link: string
  readonly story: StoryAnswer
}

async function hintsOf(config: Config): Promise<Hints> {
  const client = await connectHub(config)
  try {
    return {
      link: (await consoleLink(client, ownerRoles)) ?? '',
      story: storySchema.parse(await client.get('/story')),
    }
  } finally {
    await client.close()
  }
}

function intro(running: Running, dataDir: string, { link, story }: Hints, screen: Screen): string {
  const demo = running.simulator !== undefined
  const windows = demo ? 'Delivery and windows are seconds here; on AWS they are minutes and hours.\n' : ''
  return [
    '',
    `${paint(screen, 'bold', 'triptych')} is running${demo ? paint(screen, 'yellow', ' on a simulated account') : ''}: gateway ${running.gateway.url}, data in ${dataDir}`,
    windows,
    'The console; the link opens one session, once, within ten minutes (`npx triptych console` prints another):',
    `  ${paint(screen, 'bold', link)}`,
    '',
    'From a second terminal, in this directory:',
    '  npx triptych coverage                       who could see what, and how the calls came out',
    '  npx triptych calls --verdict bypass         what went round the gateway',
    '  npx triptych call <call>                    the three witnesses of one call, side by side',
    '  npx triptych ask who                        who used it, how much',
    '',
    ...storyLines(story, screen),
    'Calls as they are judged (seen: A CloudTrail, G gateway, C invocation log). Ctrl-C stops everything.',
    '',
  ].join('\n')
}

function storyLines({ day, steps }: StoryAnswer, screen: Screen): readonly string[] {
  if (day === null) return []
  return [
    `Three things to look for in yesterday (${day}); the console’s overview leads to them:`,
    ...steps.flatMap((step, i) => [`  ${i + 1}. ${step.title}`, `     ${paint(screen, 'dim', `npx ${step.command}`)}`]),
    '',
  ]
}
