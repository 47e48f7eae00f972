import { createReadStream } from 'node:fs'
import { isTriptychError } from '../../platform/triptych-error.ts'
import type { IdentitySeen, ReadRecord, RejectedRecord } from '../../record/access-event.ts'
import type { Engine } from './engine.ts'
import { fileShape } from './file-shape.ts'
import {
  commitLoading,
  createLoadingTable,
  identitiesIn,
  knownElsewhere,
  type LoadingSummary,
  loadingTable,
  stageFile,
  summarize,
} from './loading-table.ts'
import { toColumns } from './row.ts'
import { type RejectedAt, recordsOfFile, rejectedOfFile } from './source-files.ts'
import type { Store } from './store.ts'

/** What loading CloudTrail needs. */
export interface CloudTrailLoaderParts {
  readonly engine: Engine
  readonly store: Store
  /** 32 bytes; the same for ever, or names get other pseudonyms. */
  readonly pseudonymKey: Uint8Array
  /** The reader of single records, for files the engine refuses (`readCloudTrail`). */
  readonly readRecords: (bytes: AsyncIterable<Uint8Array>, pseudonymKey: Uint8Array) => AsyncIterable<ReadRecord>
  /** Keeps names, encrypted, before the file counts as loaded. */
  readonly keepIdentities: (seen: readonly IdentitySeen[]) => Promise<void>
  readonly simulated: boolean
  /** Files of fewer bytes are read record by record. Default 65,536. */
  readonly engineFromBytes?: number
}

/** A file in the archive. */
export interface CloudTrailFile {
  readonly fileId: string
  readonly path: string
  readonly bytes: number
  readonly name: string
  readonly origin: string
  /** When it was taken in, ISO 8601; a store that is made again says the same. */
  readonly receivedAt: string
}

/** What became of a file. */
export interface CloudTrailLoad {
  /** Records taken in, duplicates among them. */
  readonly records: number
  /** Records whose event was there before, from this file or another. */
  readonly duplicates: number
  readonly rejected: readonly RejectedAt[]
  /** Records of model calls. */
  readonly calls: number
  /** When the first and the last of them were, ISO 8601; absent where there is none, or nothing was done. */
  readonly callSpan?: { readonly from: string; readonly to: string }
  /** The same bytes had been loaded; nothing was done. */
  readonly already: boolean
  /** `engine` parsed by the engine; `records` record by record. */
  readonly path: 'engine' | 'records' | 'none'
  readonly identitiesSeen: readonly IdentitySeen[]
}

interface Staged {
  readonly summary: LoadingSummary
  readonly rejected: readonly RejectedRecord[]
  readonly identities: readonly IdentitySeen[]
  readonly path: 'engine' | 'records'
}

/** Planning the statement takes the engine as long as the other reader takes for some 2,500 records. */
const engineFromBytes = 65_536
/** Records that go into memory at a time when they are read one by one. */
const recordsAtOnce = 5_000

/** Loads an archived CloudTrail file, gzip or plain, in any form; the same bytes a second time change nothing. */
export async function loadCloudTrail(parts: CloudTrailLoaderParts, file: CloudTrailFile): Promise<CloudTrailLoad> {
  const before = await recordsOfFile(parts.engine, 'cloudtrail', file.fileId)
  if (before !== undefined) {
    const rejected = await rejectedOfFile(parts.engine, file.fileId)
    return { records: before, duplicates: before, rejected, calls: 0, already: true, path: 'none', identitiesSeen: [] }
  }
  const table = loadingTable(file.fileId)
  try {
    const staged = (await stageByEngine(parts, file, table)) ?? (await stageByRecord(parts, file, table))
    return await commit(parts, file, table, staged)
  } finally {
    await parts.engine.command(`DROP TABLE IF EXISTS ${table} SYNC`)
  }
}

/** Undefined when the engine refuses the file or any record of it, or the file is small: then every record is read singly. */
async function stageByEngine(
  parts: CloudTrailLoaderParts,
  file: CloudTrailFile,
  table: string,
): Promise<Staged | undefined> {
  // A server does not see the archive of this machine.
  if (parts.engine.kind === 'server' || file.bytes < (parts.engineFromBytes ?? engineFromBytes)) return undefined
  await createLoadingTable(parts.engine, table)
  try {
    await stageFile(parts.engine, table, file.path, await fileShape(file.path), parts.pseudonymKey)
  } catch (cause) {
    if (isTriptychError(cause, 'STORE_FAILED')) return undefined
    throw cause
  }
  const summary = await summarize(parts.engine, table)
  if (summary.odd > 0) return undefined
  return { summary, rejected: [], identities: await identitiesIn(parts.engine, table), path: 'engine' }
}

async function stageByRecord(parts: CloudTrailLoaderParts, file: CloudTrailFile, table: string): Promise<Staged> {
  await createLoadingTable(parts.engine, table)
  const rejected: RejectedRecord[] = []
  const identities = new Map<string, IdentitySeen>()
  let rows: object[] = []
  const flush = async () => {
    await parts.engine.insert(table, rows)
    rows = []
  }
  for await (const read of parts.readRecords(createReadStream(file.path), parts.pseudonymKey)) {
    if ('rejected' in read) {
      rejected.push(read.rejected)
      continue
    }
    for (const seen of read.identities) identities.set(`${seen.kind} ${seen.alias}`, seen)
    rows.push({ ...toColumns(read.event), row_in_file: read.position, odd: 0 })
    if (rows.length >= recordsAtOnce) await flush()
  }
  await flush()
  const summary = await summarize(parts.engine, table)
  return { summary, rejected, identities: [...identities.values()], path: 'records' }
}

async function commit(
  parts: CloudTrailLoaderParts,
  file: CloudTrailFile,
  table: string,
  staged: Staged,
): Promise<CloudTrailLoad> {
  const { summary, rejected, identities } = staged
  const duplicates = summary.repeated + (await knownElsewhere(parts.engine, table, file.fileId, summary))
  await parts.keepIdentities(identities)
  await parts.store.withBatch(async (batch) => {
    const stamp = { batch, loadedAt: file.receivedAt, simulated: parts.simulated }
    await commitLoading(parts.engine, table, file.fileId, stamp)
  })
  const counts = { records: summary.records, duplicates, rejected }
  const { fileId, name, origin, bytes, path } = file
  await parts.store.noteFile({ kind: 'cloudtrail', fileId, name, origin, bytes, archivedPath: path, ...counts })
  const { calls, callsFrom: from, callsTo: to } = summary
  const span = from === null || to === null ? {} : { callSpan: { from, to } }
  return { ...counts, calls, ...span, already: false, path: staged.path, identitiesSeen: identities }
}
