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
