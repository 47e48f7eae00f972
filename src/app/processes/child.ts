import { type ChildProcess, fork } from 'node:child_process'
import { TriptychError } from '../../platform/triptych-error.ts'
import { type FromChild, fromChild, type ToChild } from './protocol.ts'

/** The engine runs queries on libuv's threads; its pool must be larger than the number of sessions. */
export const storeThreads = { UV_THREADPOOL_SIZE: '16' } as const
/** Switches off the SDK's reminder that its releases of 2027 leave Node 20; the README says it. */
export const quietSdk = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } as const

/** A gateway or hub that runs as a child of this process. */
export interface Child {
  readonly url: string
  readonly pid: number
  /** Holds its clock at a moment, or releases it (null). Resolves when it says so. */
  clock(at: number | null, look?: boolean): Promise<void>
  /** Resolves with the exit code when it ends by itself or by `stop`. */
  readonly ended: Promise<number>
  /** Asks it to end and waits. */
  stop(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

/** A child that could not start, with the sentence it would have ended with. */
export class ChildFailed extends TriptychError {
  readonly text: string
  readonly exit: number

  constructor(text: string, exit: number) {
    super('INTERNAL', { exit })
    this.text = text
    this.exit = exit
  }
}

/** Starts `triptych <args>` as a child and waits until it is ready. Throws ChildFailed. */
export async function startChild(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Child> {
  const child = fork(script, [...args], { env: { ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  const ready = await Promise.race([
    waitFor(child, 'ready'),
    ended.then((exit) => ({ type: 'failed' as const, text: '', exit })),
  ])
  if (ready.type === 'failed') throw new ChildFailed(ready.text, ready.exit)
  return {
    url: ready.url,
    pid: child.pid ?? 0,
    ended,
    async clock(at, look = false) {
      const set = waitFor(child, 'clock-set')
      send(child, { type: 'clock', at, look })
      await Promise.race([set, ended])
    },
    async stop() {
      if (child.connected) send(child, { type: 'stop' })
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function waitFor<T extends FromChild['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FromChild, { type: T | 'failed' }>> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      const parsed = fromChild.safeParse(message)
      if (!parsed.success || !isOneOf(parsed.data, type)) return
      child.off('message', listen)
      resolve(parsed.data)
    }
    child.on('message', listen)
  })
}

function isOneOf<T extends FromChild['type']>(
  message: FromChild,
  type: T,
): message is Extract<FromChild, { type: T | 'failed' }> {
  return message.type === type || message.type === 'failed'
}

/** A child that is on its way out takes no message any more; its end says all there is to say. */
function send(child: ChildProcess, message: ToChild): void {
  child.send(message, () => undefined)
}
