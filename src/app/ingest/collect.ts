import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import { asTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import type { IngestedFile } from '../hub-services.ts'
import type { IngestResult } from './ingest-result.ts'

/** Takes one object in; undefined when it is none of its kind (a body of its own, a marker without bytes). */
export type IngestObject = (source: ObjectSource, object: SourceObject) => Promise<IngestResult | undefined>

/** Takes several in: for each its result, undefined when it is none of its kind, or the error. One that fails does not stop the others. */
export type IngestMany = (
  source: ObjectSource,
  objects: readonly SourceObject[],
) => Promise<readonly (IngestResult | undefined | Error)[]>

/** How objects of one kind are taken in. */
export interface Ingester {
  readonly one: IngestObject
  readonly many: IngestMany
}

/** One after the other. */
export function oneByOne(ingest: IngestObject): IngestMany {
  return async (source, objects) => {
    const results: (IngestResult | undefined | Error)[] = []
    for (const object of objects) results.push(await ingest(source, object).catch(unreadable))
    return results
  }
}

/** Why an object was not taken in. */
export function unreadable(cause: unknown): TriptychError {
  return asTriptychError(cause, 'INGEST_FILE_UNREADABLE')
}

/** Also as rotation names them: `litellm.log.1`, `litellm.log-20261124`. */
const logFile = /\.(json|jsonl|ndjson|log)([.-]\d[\w.-]{0,40})?(\.gz)?$|\.gz$/i
/** Siblings of CloudTrail's log folder that hold no log records. */
const otherFolders = /\/CloudTrail-(Digest|Insight|Aggregated)\//

/** Whether a key looks like a log file at all. */
export function isLogFile(key: string): boolean {
  // A source that is one file has an empty key: the person who named it means it.
  return key === '' || (logFile.test(key) && !otherFolders.test(key))
}

const takenTogether = 256

/** Takes everything of a source in; a broken file is said and never stops the others. */
export async function* ingestAll(source: ObjectSource, ingest: IngestMany): AsyncGenerator<IngestedFile> {
  let found = 0
  try {
    for await (const objects of together(source)) {
      const results = await ingest(source, objects)
      for (const [i, object] of objects.entries()) {
        const file = toIngested(source, object, results[i])
        if (file === undefined) continue
        found += 1
        yield file
      }
    }
  } catch (cause) {
    yield failed(source.origin, asTriptychError(cause, 'SOURCE_FAILED'))
    return
  }
  if (found === 0) yield failed(source.origin, new TriptychError('INGEST_NOTHING_FOUND'))
}

async function* together(source: ObjectSource): AsyncGenerator<readonly SourceObject[]> {
  let objects: SourceObject[] = []
  for await (const object of source.list()) {
    if (isLogFile(object.key)) objects.push(object)
    if (objects.length < takenTogether) continue
    yield objects
    objects = []
  }
  if (objects.length > 0) yield objects
}

function toIngested(
  source: ObjectSource,
  object: SourceObject,
  result: IngestResult | undefined | Error,
): IngestedFile | undefined {
  const name = object.key || source.origin
  if (object.bytes === 0) return failed(name, new TriptychError('INGEST_FILE_UNREADABLE', { reason: 'empty' }))
  if (result instanceof Error) return failed(name, asTriptychError(result, 'INGEST_FILE_UNREADABLE'))
  return result === undefined ? undefined : { name, result }
}

function failed(name: string, error: TriptychError): IngestedFile {
  return { name, error: { code: error.code, message: `${error.message}; ${error.fix}` } }
}
