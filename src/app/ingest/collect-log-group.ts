import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Store } from '../../evidence/store/store.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import type { LogEvent, LogGroup } from '../../platform/queues/log-group.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import type { IngestObject } from './collect.ts'
import type { Collector } from './collector.ts'

/** What reading a log group needs. */
export interface LogGroupParts {
  readonly group: LogGroup
  /** `logs:<region>:<name>` */
  readonly origin: string
  /** Where bodies lie that are too large for CloudWatch; undefined when nobody said. */
  readonly bodies: ObjectSource | undefined
  readonly ingest: IngestObject
  readonly store: Pick<Store, 'progress' | 'setProgress'>
  readonly clock: Clock
}

/** Events reach a group out of order and late: this much is read again every time, and more of it now and then. */
const againMs = 120_000
const lateMs = 3_600_000
const lookForLateMs = 600_000
/** How far back a group is read that was never read before. */
const firstMs = 30 * 86_400_000
const mostIds = 500_000

const positionSchema = z.object({ newest: z.number() })

/**
 * Reads a log group page by page; a page is a file of its events, one per line. What was taken in is not taken in again: by its id
 * here, by its own id in the store after a restart.
 */
export function createLogGroupCollector(parts: LogGroupParts): Collector {
  const known = new Map<string, number>()
  const state = { files: 0, failed: 0, failing: 0, skipped: 0, lastError: '' }
  const name = `source.log-group:${parts.origin}`
  let lateAt = Number.NEGATIVE_INFINITY
  const takePage = async (events: readonly LogEvent[]): Promise<number> => {
    const fresh = events.filter(({ id }) => !known.has(id))
    state.skipped += events.length - fresh.length
    if (fresh.length > 0) {
      const { source, object } = pageOf(parts, fresh)
      await parts.ingest(source, object)
      state.files += 1
    }
    for (const { id, at } of fresh) known.set(id, at)
    return Math.max(...events.map(({ at }) => at))
  }
  return {
    async collect() {
      const now = parts.clock.now()
      const stored = await parts.store.progress(name)
      const newest = stored === undefined ? now - firstMs : positionSchema.parse(JSON.parse(stored)).newest
      const forLate = now - lateAt >= lookForLateMs
      let until = newest
      const before = state.files
      try {
        for await (const events of parts.group.read(newest - (forLate ? lateMs : againMs))) {
          until = Math.max(until, await takePage(events))
          await parts.store.setProgress(name, JSON.stringify({ newest: Math.min(until, now) }))
        }
        state.failing = 0
      } catch (cause) {
        state.failing = 1
        state.lastError = asTriptychError(cause, 'SOURCE_FAILED').code
        throw cause
      }
      if (forLate) lateAt = now
      forget(known, until - 2 * lateMs)
      return { files: state.files - before, whole: true, from: Number.NEGATIVE_INFINITY }
    },
    state: () => ({ ...state, backTo: null }),
  }
}

/** Ids of what is not read again any more. */
function forget(known: Map<string, number>, before: number): void {
  for (const [id, at] of known) if (at < before || known.size > mostIds) known.delete(id)
}

/** A page as an object of a source, so that it goes the way of every file. */
function pageOf(
  { origin, bodies }: LogGroupParts,
  events: readonly LogEvent[],
): { readonly source: ObjectSource; readonly object: SourceObject } {
  const bytes = Buffer.from(events.map(({ message }) => `${message.trim()}\n`).join(''))
  const version = createHash('sha256').update(bytes).digest('hex')
  const [first] = events
  const key = `${new Date(first?.at ?? 0).toISOString()}-${version.slice(0, 16)}.json`
  const source: ObjectSource = {
    origin,
    ...(bodies === undefined ? {} : { bodies }),
    async *list() {
      yield object
    },
    open: async () => Readable.from([bytes]),
  }
  const object = { key, bytes: bytes.length, version }
  return { source, object }
}
