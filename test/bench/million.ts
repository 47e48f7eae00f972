import { readdirSync } from 'node:fs'
import { residentMiB } from './machine.ts'
import { callRaw, smallCall } from './raw-callers.ts'
import { cheapestUpstream, startStage } from './stage.ts'

const calls = 1_000_000
const samples = 10

/** A million small calls through one gateway process with everything on: its memory and handles on the way. */
export async function benchMillion(): Promise<Record<string, number | string>> {
  const stage = await startStage('bench-million', { upstream: cheapestUpstream, isEverythingOn: true })
  const look = () => ({ memory: residentMiB(stage.pid), handles: readdirSync(`/proc/${stage.pid}/fd`).length })
  try {
    const seen: ReturnType<typeof look>[] = []
    let begun = 0
    const started = performance.now()
    for (let sample = 1; sample <= samples; sample++) {
      const most = (calls / samples) * sample
      // A token of an hour; a new one for each sample, as a client would bring.
      const more = () => begun < most && ++begun > 0
      await callRaw({ ...smallCall, url: stage.gateway, token: await stage.token(), connections: 32, more })
      seen.push(look())
    }
    const seconds = (performance.now() - started) / 1000
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    const end = look()
    return {
      calls: begun,
      'calls per second': Math.round(begun / seconds),
      [`memory after each ${(calls / samples).toLocaleString('en-US')} (MiB)`]: seen
        .map(({ memory }) => memory)
        .join(', '),
      'memory five seconds after the last (MiB)': end.memory,
      'handles meanwhile': seen.map(({ handles }) => handles).join(', '),
      'handles at the end': end.handles,
    }
  } finally {
    await stage.close()
  }
}
