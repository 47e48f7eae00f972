import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TriptychError } from '../../platform/triptych-error.ts'
import { type FromSimulator, fromSimulator, type SimulatorReady, type ToSimulator } from './protocol.ts'

/** The simulator, running as a process of its own: the product knows it only by its messages. */
export interface SimulatorProcess {
  readonly ready: SimulatorReady
  send(message: ToSimulator): void
  onMessage(listener: (message: FromSimulator) => void): void
  stop(): Promise<void>
}

/** Starts the simulator of this checkout with its state below `dataDir`. Throws CONFIG_INVALID where there is none. */
export async function startSimulator(
  packageRoot: string,
  dataDir: string,
  env: Readonly<Record<string, string>>,
): Promise<SimulatorProcess> {
  const script = join(packageRoot, 'simulator', 'bin', 'simulator.js')
  if (!existsSync(script)) {
    throw new TriptychError('CONFIG_INVALID', {
      key: 'gateway.sts.role',
      reason: 'no account is configured, and no simulator is installed',
    })
  }
  const child = fork(script, ['--data', dataDir, '--seed', '7'], {
    env: { ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = await Promise.race([firstWords(child), ended])
  if (ready === undefined) throw new TriptychError('SOURCE_FAILED', { reason: 'the simulator did not start' })
  return {
    ready,
    send: (message) => tell(child, message),
    onMessage: (listener) =>
      void child.on('message', (message) => {
        const parsed = fromSimulator.safeParse(message)
        if (parsed.success) listener(parsed.data)
      }),
    async stop() {
      tell(child, { type: 'stop' })
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000).unref())])
      child.kill('SIGKILL')
    },
  }
}

/** One that is on its way out takes no message any more. */
function tell(child: ChildProcess, message: ToSimulator): void {
  if (child.connected) child.send(message, () => undefined)
}

function firstWords(child: ChildProcess): Promise<SimulatorReady> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      const parsed = fromSimulator.safeParse(message)
      if (!parsed.success || parsed.data.type !== 'ready') return
      child.off('message', listen)
      resolve(parsed.data)
    }
    child.on('message', listen)
  })
}
