import { readFileSync } from 'node:fs'
import { cpuSeconds, percentile } from './machine.ts'
import { callRaw, smallCall } from './raw-callers.ts'
import { cheapestUpstream, type Stage, startStage } from './stage.ts'

const rounds = 8
const seconds = 3
const connections = 32

/** One round of load. */
interface Round {
  readonly perSecond: number
  /** Of all processes of the gateway. */
  readonly cpuPerThousand: number
  /** Of the machine's processors, whoever used them. */
  readonly idle: number
}

/**
 * One process beside two workers, in turn, with small calls, a client that sends prepared bytes and nginx as upstream. On a machine
 * of two processors these share them: what the gateway could do with two of its own shows in the processor time of a call.
 */
export async function benchWorkers(): Promise<Record<string, number | string>> {
  const plain = await compare(false)
  const everything = await compare(true)
  return {
    ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [`without limits: ${name}`, value])),
    ...Object.fromEntries(Object.entries(everything).map(([name, value]) => [`everything on: ${name}`, value])),
  }
}

async function compare(isEverythingOn: boolean): Promise<Record<string, string>> {
  const start = (workers: number) =>
    startStage('bench-workers', { upstream: cheapestUpstream, isEverythingOn, gateway: { workers } })
  const stages = [await start(1), await start(2)] as const
  try {
    const [one, two]: [Round[], Round[]] = [[], []]
    for (const stage of stages) await load(stage)
    for (let i = 0; i < rounds; i++) {
      one.push(await load(stages[0]))
      two.push(await load(stages[1]))
    }
    const of = (all: readonly Round[], what: (round: Round) => number) => percentile(all.map(what), 0.5)
    const both = (what: (round: Round) => number, digits: number) =>
      `${of(one, what).toFixed(digits)} / ${of(two, what).toFixed(digits)}`
    const ratios = two.map(({ perSecond }, i) => perSecond / (one[i]?.perSecond ?? Number.NaN))
    return {
      'calls/s, one / two': both(({ perSecond }) => perSecond, 0),
      'two to one, median of the rounds (lowest, highest)': `${percentile(ratios, 0.5).toFixed(2)} (${Math.min(...ratios).toFixed(2)}, ${Math.max(...ratios).toFixed(2)})`,
      'gateway CPU-s per 1,000 calls, one / two': both(({ cpuPerThousand }) => cpuPerThousand, 3),
      'processors idle, of 2, one / two': both(({ idle }) => idle, 2),
    }
  } finally {
    for (const stage of stages) await stage.close()
  }
}

async function load(stage: Stage): Promise<Round> {
  const cpu = () => stage.pids().reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const token = await stage.token()
  const [cpuBefore, idleBefore, started] = [cpu(), idleSeconds(), performance.now()]
  const until = started + seconds * 1000
  const more = () => performance.now() < until
  const calls = await callRaw({ ...smallCall, url: stage.gateway, token, connections, more })
  const took = (performance.now() - started) / 1000
  return {
    perSecond: calls / took,
    cpuPerThousand: ((cpu() - cpuBefore) / calls) * 1000,
    idle: (idleSeconds() - idleBefore) / took,
  }
}

/** Of all processors together, since the machine started. */
function idleSeconds(): number {
  return Number(readFileSync('/proc/stat', 'utf8').split(/\s+/)[4]) / 100
}
