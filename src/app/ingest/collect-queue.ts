import type { Logger } from '../../platform/logger.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import { type NotifiedObject, readNotification } from '../../platform/queues/object-notification.ts'
import type { MessageQueue, QueueMessage } from '../../platform/queues/sqs-queue.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import type { RecordAct } from '../hub-journal.ts'
import { type IngestObject, isLogFile } from './collect.ts'

/** What taking in what a queue names needs. */
export interface QueueParts {
  readonly queue: MessageQueue
  /** The place that objects are taken from: a message that names another is set aside. */
  readonly source: ObjectSource
  readonly ingest: IngestObject
  readonly act: RecordAct
  readonly logger: Logger
}

/** What a run over a queue did. */
export interface QueueRun {
  readonly files: number
  /** Nothing of what was received is left to do. */
  readonly whole: boolean
}

/** Takes in what a queue names, until it is empty. */
export interface QueueReader {
  run(): Promise<QueueRun>
  state(): { readonly setAside: number; readonly failing: number; readonly lastError: string }
}

const mostReceives = 5
/** So that a long queue does not keep everything else waiting. */
const mostPerRun = 200

/**
 * A message is deleted when all it names has been taken in. One that fails comes again; after five times, or at once when it cannot be
 * read or names another place, it is set aside: written down, counted, and out of the way of the others.
 */
export function createQueueReader(parts: QueueParts): QueueReader {
  const state = { setAside: 0, failing: 0, lastError: '' }
  const setAside = async (message: QueueMessage, code: string) => {
    state.setAside += 1
    state.lastError = code
    parts.logger.error('hub.source.message-set-aside', { code })
    await parts.act('message.set-aside', { message: message.id.slice(0, 100), code, receives: message.receives })
    await message.delete()
  }
  const take = async (message: QueueMessage): Promise<number> => {
    const wanted = objectsIn(parts.source, message.body)
    if (typeof wanted === 'string') {
      await setAside(message, wanted)
      return 0
    }
    const files = await message.whileBusy(() => takeAll(parts, wanted))
    await message.delete()
    return files
  }
  /** Undefined when it comes again. */
  const tryToTake = async (message: QueueMessage): Promise<number | undefined> => {
    try {
      return await take(message)
    } catch (cause) {
      const { code } = asTriptychError(cause, 'INGEST_FILE_UNREADABLE')
      state.lastError = code
      if (message.receives < mostReceives) return undefined
      await setAside(message, code)
      return 0
    }
  }
  return {
    async run() {
      const taken: (number | undefined)[] = []
      while (taken.length < mostPerRun) {
        const messages = await parts.queue.receive()
        if (messages.length === 0) break
        for (const message of messages) taken.push(await tryToTake(message))
      }
      state.failing = taken.filter((files) => files === undefined).length
      const files = taken.reduce<number>((sum, one) => sum + (one ?? 0), 0)
      return { files, whole: state.failing === 0 && taken.length < mostPerRun }
    },
    state: () => ({ ...state }),
  }
}

/** The objects that a message names, or the code of why it cannot be followed. */
function objectsIn(
  source: ObjectSource,
  body: string,
): readonly SourceObject[] | 'QUEUE_MESSAGE_UNREADABLE' | 'QUEUE_MESSAGE_ELSEWHERE' {
  const notification = readNotification(body)
  if (notification.kind === 'unreadable') return 'QUEUE_MESSAGE_UNREADABLE'
  if (notification.kind === 'other') return []
  const objects = notification.objects.map((one) => within(source, one))
  const known = objects.filter((object) => object !== undefined)
  return known.length === objects.length ? known : 'QUEUE_MESSAGE_ELSEWHERE'
}

async function takeAll(parts: QueueParts, objects: readonly SourceObject[]): Promise<number> {
  let files = 0
  for (const object of objects) {
    if (!isLogFile(object.key)) continue
    if ((await parts.ingest(parts.source, object)) !== undefined) files += 1
  }
  return files
}

/** Only within the configured place: what a message says is data, not an instruction. */
function within(source: ObjectSource, { bucket, key, bytes, version }: NotifiedObject): SourceObject | undefined {
  const [, own, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(source.origin) ?? []
  if (own !== bucket || !key.startsWith(prefix)) return undefined
  // Where it is not said how large it is, it is no marker without bytes.
  return { key, bytes: bytes ?? 1, version }
}
