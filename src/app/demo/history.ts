import { cp, rm } from 'node:fs/promises'
import type { Child } from '../processes/child.ts'
import type { SimulatorProcess } from './simulator-process.ts'

/** What making yesterday needs. */
export interface HistoryParts {
  readonly simulator: SimulatorProcess
  readonly hub: Child
  /** The gateway that runs now; a scene replaces it. */
  gateway: Child
  readonly serviceKey: string
  restartGateway(at: number): Promise<Child>
  /** A gateway on a machine of its own, whose journal has been shipped up to its start. */
  startSecondGateway(at: number): Promise<{ readonly child: Child; readonly dataDir: string }>
  onProgress(at: number): void
}

/** Configuration is looked at every five minutes of the made day. */
const snapshotEveryMs = 300_000

/**
 * Makes a day by driving the real gateway, hub and account with their clocks held: the simulator names each moment, and goes on
 * when everybody stands there. Returns the number of calls.
 */
export async function makeHistory(parts: HistoryParts, from: number, to: number): Promise<number> {
  let hubAt = Number.NEGATIVE_INFINITY
  let second: { readonly child: Child; readonly dataDir: string } | undefined
  const hold = async (at: number) => {
    const look = at - hubAt >= snapshotEveryMs
    if (look) hubAt = at
    await Promise.all([parts.hub.clock(at, look), parts.gateway.clock(at), second?.child.clock(at)])
    parts.onProgress(at)
  }
  let held = from
  const act = async (name: 'kill-gateway' | 'second-gateway' | 'lose-second-gateway') => {
    if (name === 'kill-gateway') {
      await parts.gateway.kill()
      parts.gateway = await parts.restartGateway(held)
      return parts.gateway.url
    }
    if (name === 'second-gateway') {
      second = await parts.startSecondGateway(held)
      return second.child.url
    }
    await second?.child.kill()
    if (second !== undefined) await rm(second.dataDir, { recursive: true, force: true })
    second = undefined
    return parts.gateway.url
  }
  const done = new Promise<number>((resolve, reject) => {
    parts.simulator.onMessage((message) => {
      if (message.type === 'clock') {
        held = message.at
        hold(message.at).then(() => parts.simulator.send({ type: 'clock-set', at: message.at }), reject)
      } else if (message.type === 'act')
        act(message.act).then((gateway) => parts.simulator.send({ type: 'act-done', gateway }), reject)
      else if (message.type === 'history-done') resolve(message.calls)
    })
  })
  parts.simulator.send({ type: 'history', gateway: parts.gateway.url, serviceKey: parts.serviceKey, from, to })
  const calls = await done.finally(() => second?.child.kill())
  await Promise.all([parts.gateway.clock(null), parts.hub.clock(null)])
  return calls
}

/** What a gateway ships of its journal, while it can. */
export async function shipJournal(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('.sock') })
}
