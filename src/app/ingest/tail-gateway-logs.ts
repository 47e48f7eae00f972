import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { ForeignLog } from '../../capture/foreign/read-foreign.ts'
import { ensureWritableDir, writeFileAtomic } from '../../platform/files.ts'
import { parseJson } from '../../platform/json/parse-json.ts'
import type { Logger } from '../../platform/logger.ts'
import {
  type FilePosition,
  fileIdentity,
  type GainLimits,
  gainsOf,
  isGzip,
  positionAt,
  resumeAt,
} from '../../platform/objects/growing-file.ts'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import { asTriptychError, errnoOf } from '../../platform/triptych-error.ts'
import { isLogFile } from './collect.ts'
import type { Collector } from './collector.ts'
import { digestOf, type GatewayLogParts, ingestPiece } from './gateway-logs.ts'

const positionsSchema = z.array(
  z.object({ file: z.string(), offset: z.number(), head: z.string(), headBytes: z.number() }),
)

/** A line may hold a request and a response of 25 MB each, escaped. */
const limits: GainLimits = { pieceBytes: 4 * 1024 * 1024, longestLine: 128 * 1024 * 1024 }

/** What reading a directory of growing logs needs. */
export interface TailParts extends GatewayLogParts {
  readonly logger: Logger
  /** Where the positions are kept. */
  readonly positionsDir: string
}

/**
 * Reads what the logs of a directory have gained since the last look, also over a restart. A rotated file is known by its inode,
 * whatever its name is then; a copy of one that was cut to nothing is read again, and its calls are known by their ids.
 */
export async function createLogTail(parts: TailParts, log: ForeignLog, source: ObjectSource): Promise<Collector> {
  const stretch = digestOf('tail', log.product, log.source, source.origin)
  const path = join(parts.positionsDir, `${stretch.slice(0, 16)}.json`)
  await ensureWritableDir(parts.positionsDir)
  const positions = await readPositions(path)
  const state = { files: 0, failed: 0, lastError: '' }
  const files = new Set<string>()

  const keep = async (position: FilePosition) => {
    positions.set(position.file, position)
    await writeFileAtomic(path, JSON.stringify([...positions.values()]))
  }

  const take = async (handle: FileHandle, key: string): Promise<string> => {
    const { file, size } = await fileIdentity(handle)
    const from = await resumeAt(handle, size, positions.get(file))
    if (size <= from) return file
    files.add(file)
    const piece = { log, origin: source.origin, name: key, stretch }
    for await (const { bytes, position } of piecesOf(handle, file, size, from)) {
      await ingestPiece(parts, { ...piece, bytes })
      await keep(position)
    }
    return file
  }

  const takeNamed = async (key: string): Promise<{ readonly file?: string; readonly failure?: string }> => {
    let handle: FileHandle | undefined
    try {
      handle = await openOrGone(join(source.origin, key))
      return handle === undefined ? {} : { file: await take(handle, key) }
    } catch (cause) {
      const { code } = asTriptychError(cause, 'INGEST_FILE_UNREADABLE')
      parts.logger.warn('hub.source.file-failed', { type: 'gateway-log', code })
      return { failure: code }
    } finally {
      await handle?.close()
    }
  }

  return {
    async collect() {
      const looked: Awaited<ReturnType<typeof takeNamed>>[] = []
      for await (const { key } of source.list()) if (isLogFile(key)) looked.push(await takeNamed(key))
      const seen = new Set(looked.flatMap(({ file }) => file ?? []))
      const failures = looked.flatMap(({ failure }) => failure ?? [])
      // Files that are gone are forgotten, unless one could not be looked at.
      const gone = failures.length === 0 ? [...positions.keys()].filter((file) => !seen.has(file)) : []
      for (const file of gone) positions.delete(file)
      state.files = files.size
      state.failed = failures.length
      state.lastError = failures.at(-1) ?? state.lastError
      return { files: seen.size, whole: failures.length === 0, from: Number.NEGATIVE_INFINITY }
    },
    state: () => ({ ...state, failing: 0, skipped: 0, backTo: null }),
  }
}

/** What a file has gained, and where to go on after each piece. What was packed is whole: one piece, as if somebody handed it over. */
async function* piecesOf(handle: FileHandle, file: string, size: number, from: number) {
  if (await isGzip(handle)) {
    yield {
      bytes: handle.createReadStream({ start: 0, autoClose: false }),
      position: await positionAt(handle, file, size),
    }
    return
  }
  for await (const { bytes, position } of gainsOf(handle, file, size, from, limits))
    yield { bytes: Readable.from([bytes]), position }
}

/** A file that was renamed since the directory was listed is found under its new name the next time. */
async function openOrGone(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw cause
  })
}

/** Positions that cannot be read are begun anew: calls that were taken in are known by their ids. */
async function readPositions(path: string): Promise<Map<string, FilePosition>> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const parsed = positionsSchema.safeParse(parseJson(text))
  return new Map(parsed.success ? parsed.data.map((position) => [position.file, position]) : [])
}
