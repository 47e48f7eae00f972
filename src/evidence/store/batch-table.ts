import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { accessColumns, accessSelect, identityColumns } from './access-select.ts'
import type { Engine } from './engine.ts'
import type { CloudTrailFile } from './load-cloudtrail.ts'
import { instant, wholeNumber } from './row.ts'

// Several files on their way in stand in one table in memory, each record with the hash of its file.

const tag = { surface: 'store.load' }
const staged = [...accessColumns, ...identityColumns, 'odd', 'file_id'].join(', ')

/** What one file of a batch holds. */
export interface StagedFile {
  readonly fileId: string
  readonly records: number
  readonly calls: number
  /** Records that the engine may not judge, or whose numbers in the file are not theirs. */
  readonly odd: number
  readonly callsFrom: string | null
  readonly callsTo: string | null
}

/** The span of time of what is in memory, ISO 8601. */
export interface StagedSpan {
  readonly from: string
  readonly to: string
}

/** An empty table for a batch. */
export async function createBatchTable(engine: Engine, table: string): Promise<void> {
  const columns = accessColumns.map((column) => (column === 'ts' ? 'toNullable(ts) AS ts' : column))
  const names = identityColumns.map((column) => `'' AS ${column}`)
  const sql = `SELECT ${[...columns, ...names].join(', ')}, toUInt8(0) AS odd, '' AS file_id FROM access_events LIMIT 0`
  await engine.command(`CREATE OR REPLACE TABLE ${table} ENGINE = Memory AS ${sql}`)
}

/** Parses gz files of one directory and of the form `{"Records":[…]}` in one statement, as many at a time as there are processors. Throws STORE_FAILED when one cannot be read. */
export async function stageBatch(
  engine: Engine,
  table: string,
  files: readonly CloudTrailFile[],
  key: Uint8Array,
): Promise<void> {
  const names = files.map(({ path }) => basename(path))
  const read = `SELECT Records, transform(_file, {names:Array(String)}, {ids:Array(String)}, '') AS file_id
    FROM file({paths:String}, 'JSONEachRow', 'Records Array(String)', 'gzip')`
  const source = `SELECT raw, toUInt32(place) AS row_in_file, file_id FROM (${read}) ARRAY JOIN Records AS raw, arrayEnumerate(Records) AS place`
  await engine.command(
    `INSERT INTO ${table} (${staged}) SELECT ${staged} FROM (${accessSelect(source, 'many')}) SETTINGS input_format_parallel_parsing = 0`,
    {
      paths: join(dirname(files[0]?.path ?? ''), `{${names.join(',')}}`),
      names,
      ids: files.map(({ fileId }) => fileId),
      key: Buffer.from(key).toString('hex'),
    },
  )
}

const fileRow = z
  .object({
    file_id: z.string(),
    records: wholeNumber,
    calls: wholeNumber,
    odd: wholeNumber,
    calls_from: instant.nullable(),
    calls_to: instant.nullable(),
  })
  .transform(
    (row): StagedFile => ({
      fileId: row.file_id,
      records: row.records,
      calls: row.calls,
      odd: row.odd,
      callsFrom: row.calls_from,
      callsTo: row.calls_to,
    }),
  )

/** Looks at what is in memory, file by file. A file of several envelopes counts as odd: its numbers began anew. */
export async function stagedFiles(engine: Engine, table: string): Promise<readonly StagedFile[]> {
  const sql = `SELECT file_id, count() AS records, countIf(is_call != 0) AS calls,
      countIf(odd != 0) + (count() - uniqExact(row_in_file)) AS odd,
      minIf(toNullable(ts), is_call != 0) AS calls_from, maxIf(toNullable(ts), is_call != 0) AS calls_to
    FROM ${table} GROUP BY file_id`
  return engine.rows(fileRow, sql, {}, tag)
}

/** From its first record to its last; undefined when there is none. */
export async function stagedSpan(engine: Engine, table: string): Promise<StagedSpan | undefined> {
  const row = z.object({ from: instant.nullable(), to: instant.nullable() })
  const sql = `SELECT min(ts) AS from, max(ts) AS to FROM ${table}`
  const { from = null, to = null } = (await engine.rows(row, sql, {}, tag))[0] ?? {}
  return from === null || to === null ? undefined : { from, to }
}

const inSpan = `ts >= parseDateTime64BestEffort({from:String}, 3, 'UTC') AND ts <= parseDateTime64BestEffort({to:String}, 3, 'UTC')`
const eventKey = 'ts, event_id, recipient_account'

/** How many records of each file are of events that an earlier file, or an earlier record of the batch, brought; files without any are left out. */
export async function duplicatesIn(
  engine: Engine,
  table: string,
  files: readonly string[],
  span: StagedSpan,
): Promise<ReadonlyMap<string, number>> {
  const params = { ...span, files }
  const key = '(assumeNotNull(ts), event_id, recipient_account)'
  const known = `SELECT ${eventKey} FROM access_events WHERE ${inSpan} AND file_id NOT IN {files:Array(String)}
    AND (${eventKey}) IN (SELECT ${key} FROM ${table})`
  const counted = z.object({ twice: wholeNumber, known: wholeNumber })
  const quick = `SELECT count() - uniqExact(${eventKey}) AS twice, (SELECT count() FROM (${known})) AS known FROM ${table}`
  const [seen] = await engine.rows(counted, quick, params, tag)
  if (seen?.twice === 0 && seen.known === 0) return new Map()
  const sql = `SELECT file_id, countIf(is_known OR nth > 1) AS records FROM (
      SELECT file_id, ${key} IN (${known}) AS is_known,
        row_number() OVER (PARTITION BY ${eventKey} ORDER BY indexOf({files:Array(String)}, file_id), row_in_file) AS nth
      FROM ${table}) GROUP BY file_id`
  const rows = await engine.rows(z.object({ file_id: z.string(), records: wholeNumber }), sql, params, tag)
  return new Map(rows.map((row) => [row.file_id, row.records]))
}

/** From memory to the disk, the records of these files. */
export async function commitBatch(
  engine: Engine,
  table: string,
  files: readonly CloudTrailFile[],
  stamp: { readonly batch: number; readonly simulated: boolean },
): Promise<void> {
  const columns = accessColumns.join(', ')
  const values = accessColumns.map((column) => (column === 'ts' ? 'assumeNotNull(ts)' : column)).join(', ')
  // The first 12 digits of the hash as a number, as for a file that is loaded alone.
  const revision = "reinterpretAsUInt64(reverse(unhex(concat('0000', substring(file_id, 1, 12)))))"
  await engine.command(
    `INSERT INTO access_events (${columns}, file_id, revision, batch, loaded_at, simulated)
     SELECT ${values}, file_id, ${revision}, {batch:UInt64},
       parseDateTime64BestEffort(transform(file_id, {ids:Array(String)}, {received:Array(String)}, ''), 3, 'UTC'), {simulated:UInt8}
     FROM ${table} WHERE file_id IN {ids:Array(String)} SETTINGS insert_deduplicate = 0`,
    {
      ids: files.map(({ fileId }) => fileId),
      received: files.map(({ receivedAt }) => receivedAt),
      batch: stamp.batch,
      simulated: Number(stamp.simulated),
    },
  )
}
