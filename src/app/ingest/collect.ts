import type { Logger } from '../../platform/logger.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import { asTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import type { IngestedFile } from '../hub-services.ts'
import type { IngestResult } from './ingest-result.ts'

/** Takes one object in; undefined when it is none of its kind (a body of its own, a marker without bytes). */
export type IngestObject = (source: ObjectSource, object: SourceObject) => Promise<IngestResult | undefined>

/** Also as rotation names them: `litellm.log.1`, `litellm.log-20261124`. */
const logFile = /\.(json|jsonl|ndjson|log)([.-]\d[\w.-]{0,40})?(\.gz)?$|\.gz$/i
/** Siblings of CloudTrail's log folder that hold no log records. */
const otherFolders = /\/CloudTrail-(Digest|Insight|Aggregated)\//

/** Whether a key looks like a log file at all. */
export function isLogFile(key: string): boolean {
  // A source that is one file has an empty key: the person who named it means it.
  return key === '' || (logFile.test(key) && !otherFolders.test(key))
}

/** Takes everything of a source in, file by file; a broken file is said and never stops the others. */
export async function* ingestAll(source: ObjectSource, ingest: IngestObject): AsyncGenerator<IngestedFile> {
  let found = 0
  try {
    for await (const object of source.list()) {
      if (!isLogFile(object.key)) continue
      const file = await ingestOne(source, object, ingest)
      if (file === undefined) continue
      found += 1
      yield file
    }
  } catch (cause) {
    yield failed(source.origin, asTriptychError(cause, 'SOURCE_FAILED'))
    return
  }
  if (found === 0) yield failed(source.origin, new TriptychError('INGEST_NOTHING_FOUND'))
}

async function ingestOne(
  source: ObjectSource,
  object: SourceObject,
  ingest: IngestObject,
): Promise<IngestedFile | undefined> {
  const name = object.key || source.origin
  if (object.bytes === 0) return failed(name, new TriptychError('INGEST_FILE_UNREADABLE', { reason: 'empty' }))
  try {
    const result = await ingest(source, object)
    return result === undefined ? undefined : { name, result }
  } catch (cause) {
    return failed(name, asTriptychError(cause, 'INGEST_FILE_UNREADABLE'))
  }
}

function failed(name: string, error: TriptychError): IngestedFile {
  return { name, error: { code: error.code, message: `${error.message}; ${error.fix}` } }
}

/** A configured source that is looked at again and again. */
export interface Collector {
  /** Takes in what is new; `whole` when nothing that the source holds is missing afterwards. */
  collect(): Promise<{ readonly files: number; readonly whole: boolean }>
  state(): { readonly files: number; readonly failed: number; readonly lastError: string }
}

const mostTries = 5

/** Names a state of an object that earlier runs took in. */
export function takenInMark(key: string, bytes: number): string {
  return `${key}\0${bytes}`
}

/**
 * Remembers what it has seen, an object that changed counts as new; `seen` holds the marks of what earlier runs took in. A file
 * that fails is tried five times, then set aside until it changes or the program starts again.
 */
export function createCollector(
  source: ObjectSource,
  ingest: IngestObject,
  seen: ReadonlySet<string>,
  logger: Logger,
): Collector {
  const done = new Map<string, string>()
  const tries = new Map<string, number>()
  const setAside = new Set<string>()
  const state = { files: 0, failed: 0, lastError: '' }
  const take = async (object: SourceObject) => {
    try {
      const result = await ingest(source, object)
      done.set(object.key, object.version)
      tries.delete(object.key)
      setAside.delete(object.key)
      if (result === undefined) return 0
      state.files += 1
      return 1
    } catch (cause) {
      const error = asTriptychError(cause, 'INGEST_FILE_UNREADABLE')
      const tried = (tries.get(object.key) ?? 0) + 1
      tries.set(object.key, tried)
      state.lastError = error.code
      if (tried >= mostTries) {
        done.set(object.key, object.version)
        tries.delete(object.key)
        setAside.add(object.key)
        state.failed += 1
        logger.error('hub.source.file-set-aside', { code: error.code })
      }
      return 0
    }
  }
  return {
    async collect() {
      let files = 0
      for await (const object of source.list()) {
        if (!isLogFile(object.key) || done.get(object.key) === object.version) continue
        if (!done.has(object.key) && seen.has(takenInMark(object.key, object.bytes))) {
          done.set(object.key, object.version)
          continue
        }
        files += await take(object)
      }
      return { files, whole: tries.size === 0 && setAside.size === 0 }
    },
    state: () => ({ ...state }),
  }
}
