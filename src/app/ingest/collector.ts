import type { Logger } from '../../platform/logger.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import { type IngestMany, isLogFile } from './collect.ts'
import type { DayReader, TakeAll, Taken } from './collect-days.ts'
import type { QueueReader } from './collect-queue.ts'

/** How far a source is, what it skipped, and what went wrong last. */
export interface CollectorState {
  readonly files: number
  /** Set aside after several tries, or as a message that could not be followed. */
  readonly failed: number
  /** Tried, and to be tried again. */
  readonly failing: number
  /** Objects that are no log of this kind: markers, bodies of their own, other folders. */
  readonly skipped: number
  readonly lastError: string
  /** From this moment on everything is read, RFC 3339; null when older files are done too, or nothing of the kind is known. */
  readonly backTo: string | null
}

/** What one look at a source did. */
export interface Collected {
  readonly files: number
  /** Nothing that the source held is missing afterwards, from `from` on. */
  readonly whole: boolean
  /** Ms; -Infinity when there is nothing older left to read. */
  readonly from: number
}

/** A configured source that is looked at again and again. */
export interface Collector {
  collect(): Promise<Collected>
  state(): CollectorState
}

const mostTries = 5
const takenTogether = 256

/** Names a state of an object that earlier runs took in. */
export function takenInMark(key: string, bytes: number): string {
  return `${key}\0${bytes}`
}

/** How a source is gone through: by the days in its keys, and by what a queue says, where it can be. */
export interface CollectorParts {
  readonly source: ObjectSource
  readonly ingest: IngestMany
  /** Marks of what earlier runs took in. */
  readonly seen: ReadonlySet<string>
  readonly logger: Logger
  readonly queue?: QueueReader
  /** Given what takes objects in. */
  readonly days?: (takeAll: TakeAll) => DayReader
  /** How long a listing lasts where a queue tells of what is new, ms. */
  readonly listEveryMs?: number
}

/**
 * Remembers what it has seen, an object that changed counts as new. A file that fails is tried five times, then set aside until it
 * changes or the program starts again.
 */
export function createCollector(parts: CollectorParts): Collector {
  const done = new Map<string, string>()
  const tries = new Map<string, number>()
  const setAside = new Set<string>()
  const state = { files: 0, skipped: 0, lastError: '', from: Number.NEGATIVE_INFINITY }
  const settle = (object: SourceObject) => {
    done.set(object.key, object.version)
    tries.delete(object.key)
  }
  /** False when nothing is to be done for it. */
  const wanted = (object: SourceObject): boolean => {
    if (done.get(object.key) === object.version) return false
    if (!isLogFile(object.key)) {
      state.skipped += 1
      settle(object)
      return false
    }
    const before = !done.has(object.key) && parts.seen.has(takenInMark(object.key, object.bytes))
    if (before) settle(object)
    return !before
  }
  const failedWith = (object: SourceObject, code: string) => {
    const tried = (tries.get(object.key) ?? 0) + 1
    tries.set(object.key, tried)
    state.lastError = code
    if (tried < mostTries) return
    settle(object)
    setAside.add(object.key)
    parts.logger.error('hub.source.file-set-aside', { code })
  }
  const takeTogether = async (objects: readonly SourceObject[]) => {
    const results = await parts.ingest(parts.source, objects)
    for (const [i, object] of objects.entries()) {
      const result = results[i]
      if (result instanceof Error) {
        failedWith(object, asTriptychError(result, 'INGEST_FILE_UNREADABLE').code)
        continue
      }
      settle(object)
      setAside.delete(object.key)
      if (result === undefined) state.skipped += 1
      else state.files += 1
    }
  }
  const takeAll = async (objects: AsyncIterable<SourceObject>): Promise<Taken> => {
    const looked: string[] = []
    let waiting: SourceObject[] = []
    for await (const object of objects) {
      looked.push(object.key)
      if (wanted(object)) waiting.push(object)
      if (waiting.length < takenTogether) continue
      await takeTogether(waiting)
      waiting = []
    }
    if (waiting.length > 0) await takeTogether(waiting)
    if (looked.some((key) => tries.has(key))) return 'again'
    return looked.some((key) => setAside.has(key)) ? 'set_aside' : 'whole'
  }
  const days = parts.days?.(takeAll)
  let listedAt = Number.NEGATIVE_INFINITY
  const list = async () => {
    const read = await days?.run()
    state.from = read?.from ?? Number.NEGATIVE_INFINITY
    if (read === undefined) await takeAll(parts.source.list())
    listedAt = performance.now()
  }
  return {
    async collect() {
      const before = state.files
      const queued = await parts.queue?.run()
      const due = queued === undefined || performance.now() - listedAt >= (parts.listEveryMs ?? 0)
      // Older days go on between listings, too.
      if (due || Number.isFinite(state.from)) await list()
      const whole = tries.size === 0 && setAside.size === 0 && queued?.whole !== false
      if (whole) state.lastError = ''
      return { files: state.files - before + (queued?.files ?? 0), whole, from: state.from }
    },
    state: () => {
      const queue = parts.queue?.state()
      return {
        files: state.files,
        failed: setAside.size + (queue?.setAside ?? 0),
        failing: tries.size + (queue?.failing ?? 0),
        skipped: state.skipped,
        lastError: state.lastError || (queue?.lastError ?? ''),
        backTo: Number.isFinite(state.from) ? new Date(state.from).toISOString() : null,
      }
    },
  }
}
