import { z } from 'zod'
import type { Store } from '../../evidence/store/store.ts'
import type { Clock } from '../../platform/clock.ts'
import { dayBefore, dayRoots, type FolderSource } from '../../platform/objects/day-folders.ts'
import type { SourceObject } from '../../platform/objects/object-source.ts'

/** What became of objects: all are in, one was set aside for good, or one has to be tried again. */
export type Taken = 'whole' | 'set_aside' | 'again'

/** Takes objects in. */
export type TakeAll = (objects: AsyncIterable<SourceObject>) => Promise<Taken>

/** What reading by days needs. */
export interface DayParts {
  readonly source: FolderSource
  readonly store: Pick<Store, 'progress' | 'setProgress'>
  readonly clock: Clock
  readonly takeAll: TakeAll
}

/** How far a source is. */
export interface DaysRead {
  /** Nothing that it held when this began is missing, from `from` on. */
  readonly whole: boolean
  /** From this moment on everything has been read, ms; -Infinity when older days are done too. */
  readonly from: number
}

/** Reads a source whose keys begin with the day: first what is new, then, as long as there is time, older days. */
export interface DayReader {
  /** Undefined when its keys do not begin with the day. */
  run(): Promise<DaysRead | undefined>
}

const rootSchema = z.object({
  /** The day up to which everything new was read, YYYY/MM/DD. */
  through: z.string(),
  /** Every day from this one on was read. */
  backTo: z.string(),
  done: z.boolean(),
  /** Older days of which a file was set aside: they are read again when a program starts. */
  aside: z.array(z.string()).default([]),
})
const stateSchema = z.record(z.string(), rootSchema)
type RootState = z.infer<typeof rootSchema>

const dayMs = 86_400_000
const lookForRootsMs = 600_000
/** Older days are read for about this long at a time, so that what is new never waits for them. */
const backfillMs = 5_000

/** A reader that goes on where an earlier one of this name was. */
export function createDayReader(parts: DayParts, name: string): DayReader {
  let known: { readonly roots: readonly string[]; readonly at: number } | undefined
  const key = `source.days:${name}`
  let first = true
  return {
    async run() {
      const now = parts.clock.now()
      if (known === undefined || now - known.at > lookForRootsMs)
        known = { roots: await dayRoots(parts.source), at: now }
      if (known.roots.length === 0) return undefined
      const stored = await parts.store.progress(key)
      const state = stored === undefined ? {} : stateSchema.parse(JSON.parse(stored))
      const save = () => parts.store.setProgress(key, JSON.stringify(state))
      let whole = true
      for (const root of known.roots) {
        const before = state[root] ?? {
          through: dayOf(now - dayMs),
          backTo: dayOf(now - dayMs),
          done: false,
          aside: [],
        }
        const read = (await readNew(parts, root, before.through)) === 'whole'
        const aside = first ? await readAside(parts, root, before.aside) : before.aside
        whole &&= read && aside.length === 0
        state[root] = { ...before, aside, through: read ? dayOf(now - dayMs) : before.through }
      }
      first = false
      await save()
      await backfill(parts, known.roots, state, save)
      return { whole, from: Math.max(...Object.values(state).map(startOf)) }
    },
  }
}

/** What is new since a day, the whole of that day included: files of one day come in no order. */
function readNew(parts: DayParts, root: string, through: string): Promise<Taken> {
  return parts.takeAll(parts.source.list(`${root}${through}`, root))
}

/** One day of each root in turn, the newest first, until the time is up. */
async function backfill(
  parts: DayParts,
  roots: readonly string[],
  state: Record<string, RootState>,
  save: () => Promise<void>,
): Promise<void> {
  const until = performance.now() + backfillMs
  for (const root of roots) {
    let own = state[root]
    while (own !== undefined && !own.done && performance.now() <= until) {
      const next: RootState | undefined = await readOlder(parts, root, own)
      if (next !== undefined) state[root] = next
      await save()
      own = next
    }
  }
}

/** Reads the next older day; undefined when it has to be tried again. */
async function readOlder(parts: DayParts, root: string, own: RootState): Promise<RootState | undefined> {
  const day = await dayBefore(parts.source, root, own.backTo)
  if (day === undefined) return { ...own, done: true }
  const taken = await readDay(parts, root, day)
  if (taken === 'again') return undefined
  return { ...own, backTo: day, aside: taken === 'whole' ? own.aside : [...own.aside, day] }
}

function readDay(parts: DayParts, root: string, day: string): Promise<Taken> {
  return parts.takeAll(parts.source.list(undefined, `${root}${day}/`))
}

/** The days of which something is still aside. */
async function readAside(parts: DayParts, root: string, days: readonly string[]): Promise<string[]> {
  const left: string[] = []
  for (const day of days) if ((await readDay(parts, root, day)) !== 'whole') left.push(day)
  return left
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')
}

function startOf({ backTo, done }: RootState): number {
  return done ? Number.NEGATIVE_INFINITY : Date.parse(`${backTo.replaceAll('/', '-')}T00:00:00Z`)
}
