import { HeldClock } from '../../../platform/clock.ts'
import { isTriptychError } from '../../../platform/triptych-error.ts'
import { type FromChild, toChild } from '../../processes/protocol.ts'
import { toExit } from '../errors-to-exit.ts'

/** What a long-running command gives to run. */
export interface Runnable {
  readonly url: string
  close(): Promise<void>
  /** Called when a held clock was set, before it is acknowledged. */
  onClock?(): Promise<void>
}

/**
 * Runs a gateway or a hub until a signal, the parent's word, or the parent's death. As a child it says over IPC that it is ready
 * or why not; a simulated one lets its parent hold the clock.
 */
export async function runUntilStopped(
  simulated: boolean,
  start: (clock: HeldClock) => Promise<Runnable>,
  stopped: Promise<void>,
  heldAt?: number,
): Promise<number> {
  const clock = new HeldClock()
  if (heldAt !== undefined && simulated) clock.hold(heldAt)
  let running: Runnable
  try {
    running = await start(clock)
  } catch (cause) {
    if (process.send === undefined) throw cause
    const { text, code } = toExit(cause)
    await tell({ type: 'failed', text: isTriptychError(cause) ? text : `${text}${String(cause)}\n`, exit: code })
    return code
  }
  const parentStop = new Promise<void>((resolve) => {
    process.once('disconnect', resolve)
    process.on('message', (message) => {
      const parsed = toChild.safeParse(message)
      if (parsed.data?.type === 'stop') resolve()
      if (parsed.data?.type === 'clock' && simulated)
        void setClock(clock, parsed.data.at, parsed.data.look ? running.onClock : undefined)
    })
  })
  if (process.send !== undefined) await tell({ type: 'ready', url: running.url })
  await (process.send === undefined ? stopped : Promise.race([stopped, parentStop]))
  await running.close()
  if (process.connected) process.disconnect()
  return 0
}

async function setClock(clock: HeldClock, at: number | null, look: (() => Promise<void>) | undefined): Promise<void> {
  if (at === null) clock.release()
  else clock.hold(at)
  await look?.()
  await tell({ type: 'clock-set', at })
}

function tell(message: FromChild): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, () => resolve())
  })
}
