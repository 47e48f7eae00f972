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

/** Those of the files that have been loaded. */
export async function knownFiles(
  engine: Engine,
  kind: SourceKind,
  fileIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const sql = 'SELECT file_id FROM v_source_files WHERE kind = {kind:String} AND file_id IN {fileIds:Array(String)}'
  const rows = await engine.rows(z.object({ file_id: z.string() }), sql, { kind, fileIds }, { surface: 'store.files' })
  return new Set(rows.map((row) => row.file_id))
}

/** True when the file has been loaded. */
export async function hasSourceFile(engine: Engine, kind: SourceKind, fileId: string): Promise<boolean> {
  return (await recordsOfFile(engine, kind, fileId)) !== undefined
}

/** Notes the rejected records, then the file: a file is in only when everything about it is. */
export async function noteSourceFile(engine: Engine, file: SourceFile, stamp: LoadStamp): Promise<void> {
  const { rejected, row } = rowsOf(file, stamp)
  await engine.insert('rejected_records', rejected)
  await engine.insert('source_files', [row])
}

/** The same for several, none of which had a record rejected. */
export async function noteSourceFiles(engine: Engine, files: readonly SourceFile[], stamp: LoadStamp): Promise<void> {
  await engine.insert(
    'source_files',
    files.map((file) => rowsOf(file, stamp).row),
  )
}

function rowsOf(file: SourceFile, stamp: LoadStamp) {
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
  return { rejected, row }
}
