import type { Clock } from '../../platform/clock.ts'
import type { Engine } from '../store/engine.ts'
import type { Store } from '../store/store.ts'
import { type CallKeys, gatherWitnesses, inParts, keysDue, keysReachedByLogs, keysSince } from './gather.ts'
import { groupCalls } from './group-calls.ts'
import { judge } from './judge.ts'
import { loadContext, type StandingFacts } from './load-context.ts'
import { writeCalls } from './write-calls.ts'

/** What one run did. */
export interface CorroborationRun {
  readonly judged: number
  readonly written: number
  readonly changed: number
}

/** Joins what was loaded since the last run and judges it; looks again at calls whose time has come. */
export interface Corroborator {
  run(): Promise<CorroborationRun>
}

const progressName = 'corroborated_batch'
const keysAtATime = 2_000

/** A corroborator over a store. Runs must not overlap. */
export function createCorroborator(engine: Engine, store: Store, facts: StandingFacts, clock: Clock): Corroborator {
  const work = async (keys: CallKeys): Promise<CorroborationRun> => {
    let total: CorroborationRun = { judged: 0, written: 0, changed: 0 }
    for (const part of inParts(keys, keysAtATime)) {
      const now = clock.now()
      const witnesses = await gatherWitnesses(engine, part)
      const context = await loadContext(engine, facts, part, witnesses, now)
      const judged = groupCalls(witnesses, facts.isOurCallId).map((call) => ({
        ...call,
        judgement: judge(call.call, context),
      }))
      const { written, changed } = await writeCalls(engine, judged, await store.nextBatch(), now)
      total = {
        judged: total.judged + judged.length,
        written: total.written + written,
        changed: total.changed + changed,
      }
    }
    return total
  }
  return {
    async run() {
      const done = Number((await store.progress(progressName)) ?? 0)
      const upTo = await store.lastBatch()
      const fresh = upTo > done ? await work(await keysSince(engine, done, upTo)) : undefined
      const reached = upTo > done ? await work(await keysReachedByLogs(engine, done, upTo)) : undefined
      if (upTo > done) await store.setProgress(progressName, String(upTo))
      const due = await work(await keysDue(engine, clock.now()))
      const runs = [fresh, reached, due].filter((run) => run !== undefined)
      const sumOf = (count: keyof CorroborationRun) => runs.reduce((sum, run) => sum + run[count], 0)
      return { judged: sumOf('judged'), written: sumOf('written'), changed: sumOf('changed') }
    },
  }
}
