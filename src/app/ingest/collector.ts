import type { Logger } from '../../platform/logger.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import { type IngestObject, isLogFile } from './collect.ts'
import type { DayReader } from './collect-days.ts'
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

/** Names a state of an object that earlier runs took in. */
export function takenInMark(key: string, bytes: number): string {
  return `${key}\0${bytes}`
}

/** How a source is gone through: by the days in its keys, and by what a queue says, where it can be. */
export interface CollectorParts {
  readonly source: ObjectSource
  readonly ingest: IngestObject
  /** Marks of what earlier runs took in. */
  readonly seen: ReadonlySet<string>
  readonly logger: Logger
  readonly queue?: QueueReader
  /** Given what takes an object in. */
  readonly days?: (take: (object: SourceObject) => Promise<boolean>) => DayReader
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
  const take = async (object: SourceObject): Promise<boolean> => {
    if (!isLogFile(object.key)) {
      state.skipped += done.has(object.key) ? 0 : 1
      done.set(object.key, object.version)
      return true
    }
    if (done.get(object.key) === object.version) return !setAside.has(object.key)
    if (!done.has(object.key) && parts.seen.has(takenInMark(object.key, object.bytes))) {
      settle(object)
      return true
    }
    try {
      const result = await parts.ingest(parts.source, object)
      settle(object)
      setAside.delete(object.key)
      if (result === undefined) state.skipped += 1
      else state.files += 1
      return true
    } catch (cause) {
      return failedWith(object, asTriptychError(cause, 'INGEST_FILE_UNREADABLE').code)
    }
  }
  const failedWith = (object: SourceObject, code: string): boolean => {
    const tried = (tries.get(object.key) ?? 0) + 1
    tries.set(object.key, tried)
    state.lastError = code
    if (tried < mostTries) return false
    settle(object)
    setAside.add(object.key)
    parts.logger.error('hub.source.file-set-aside', { code })
    return false
  }
  const days = parts.days?.(take)
  let listedAt = Number.NEGATIVE_INFINITY
  const list = async () => {
    const read = await days?.run()
    state.from = read?.from ?? Number.NEGATIVE_INFINITY
    if (read === undefined) for await (const object of parts.source.list()) await take(object)
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
