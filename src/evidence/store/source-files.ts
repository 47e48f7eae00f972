import { z } from 'zod'
import type { Engine } from './engine.ts'
import { wholeNumber } from './row.ts'

/** What a source file may be. */
export type SourceKind = 'cloudtrail' | 'invocations' | 'gateway-log' | 'journal'

/** A file that was loaded. */
export interface SourceFile {
  readonly kind: SourceKind
  /** SHA-256 of the bytes as received, hexadecimal. */
  readonly fileId: string
  readonly name: string
  readonly origin: string
  readonly bytes: number
  readonly records: number
  readonly duplicates: number
  readonly rejected: readonly RejectedAt[]
  readonly archivedPath: string
}

/** A record that was not taken in: its number in the file, from 1, and why. */
export interface RejectedAt {
  readonly position: number
  readonly code: string
  readonly reason?: string
}

/** What every row of a load carries. */
export interface LoadStamp {
  readonly batch: number
  readonly loadedAt: string
  readonly simulated: boolean
}

const countSchema = z.object({ records: wholeNumber })

/** How many records a file had when it was loaded; undefined when it was not. */
export async function recordsOfFile(engine: Engine, kind: SourceKind, fileId: string): Promise<number | undefined> {
  const sql = 'SELECT records FROM v_source_files WHERE kind = {kind:String} AND file_id = {fileId:String}'
  return (await engine.rows(countSchema, sql, { kind, fileId }, { surface: 'store.files' }))[0]?.records
}

const rejectedSchema = z.object({ position: wholeNumber, code: z.string(), reason: z.string() })

/** What was refused of a file when it was loaded, in its order. */
export async function rejectedOfFile(engine: Engine, fileId: string): Promise<readonly Required<RejectedAt>[]> {
  const sql = 'SELECT position, code, reason FROM v_rejected_records WHERE file_id = {fileId:String} ORDER BY position'
  return engine.rows(rejectedSchema, sql, { fileId }, { surface: 'store.files' })
}

/** True when the file has been loaded. */
export async function hasSourceFile(engine: Engine, kind: SourceKind, fileId: string): Promise<boolean> {
  return (await recordsOfFile(engine, kind, fileId)) !== undefined
}

/** Notes the rejected records, then the file: a file is in only when everything about it is. */
export async function noteSourceFile(engine: Engine, file: SourceFile, stamp: LoadStamp): Promise<void> {
  const common = { batch: stamp.batch, loaded_at: stamp.loadedAt, simulated: Number(stamp.simulated) }
  const rejected = file.rejected.map(({ position, code, reason }) => ({
    file_id: file.fileId,
    position,
    code,
    reason: reason ?? code,
    ts: stamp.loadedAt,
    revision: stamp.batch,
    ...common,
  }))
  await engine.insert('rejected_records', rejected)
  const row = {
    kind: file.kind,
    file_id: file.fileId,
    ts: stamp.loadedAt,
    name: file.name,
    origin: file.origin,
    bytes: file.bytes,
    records: file.records,
    duplicates: file.duplicates,
    rejected: file.rejected.length,
    archived_path: file.archivedPath,
    revision: stamp.batch,
    ...common,
  }
  await engine.insert('source_files', [row])
}
