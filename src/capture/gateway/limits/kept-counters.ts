import { z } from 'zod'
import type { Clock } from '../../../platform/clock.ts'
import { readIfThere, writeFileAtomic } from '../../../platform/files.ts'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { Counters } from './counters.ts'
import { periodOf } from './limit-meters.ts'

const keptWindows = ['day', 'month'] as const
const fileSchema = z.object({
  v: z.literal(1),
  counts: z.array(z.tuple([z.enum(keptWindows), z.string(), z.number().nonnegative()])),
})
type Kept = z.infer<typeof fileSchema>['counts'][number]

/** Counts of this process whose days and months outlive it. */
export interface KeptCounters extends Counters {
  /** Writes what changed; what was counted since is lost with a process that is killed. */
  save(): Promise<void>
}

/**
 * Keeps what this process counted of today and of this month, and gives it back to the counts at the next start. A file that is none
 * counts for nothing.
 * @param giveBack false where the counts outlived this process, as with a worker that is started again
 */
export async function keepCounters(
  counters: Counters,
  path: string,
  clock: Clock,
  giveBack = true,
): Promise<KeptCounters> {
  const kept = new Map<string, Kept>()
  let changed = false
  const isCurrent = ([window, key]: Kept) => key.endsWith(`|${periodOf(window, clock.now())}`)
  for (const [window, key, used] of await readKept(path)) {
    if (!isCurrent([window, key, used]) || used === 0) continue
    if (giveBack) await counters.add(window, key, used)
    kept.set(`${window} ${key}`, [window, key, used])
  }
  return {
    read: counters.read,
    async add(window, key, amount) {
      const count = await counters.add(window, key, amount)
      if (window === 'day' || window === 'month') {
        // Its own share: the count itself may be that of several processes.
        const name = `${window} ${key}`
        kept.set(name, [window, key, Math.max(0, (kept.get(name)?.[2] ?? 0) + amount)])
        changed = true
      }
      return count
    },
    async save() {
      if (!changed) return
      changed = false
      for (const [name, one] of kept) if (!isCurrent(one)) kept.delete(name)
      await writeFileAtomic(path, JSON.stringify({ v: 1, counts: [...kept.values()] }))
    },
    close: counters.close,
  }
}

async function readKept(path: string): Promise<readonly Kept[]> {
  const bytes = await readIfThere(path)
  return bytes === undefined ? [] : (fileSchema.safeParse(parseJson(bytes)).data?.counts ?? [])
}
