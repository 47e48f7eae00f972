import { z } from 'zod'
import type { IdentitySeen } from '../../record/access-event.ts'
import { accessColumns, accessSelect, identityColumns, identitySelect } from './access-select.ts'
import type { Engine } from './engine.ts'
import type { FileShape } from './file-shape.ts'
import { instant, wholeNumber } from './row.ts'
import type { LoadStamp } from './source-files.ts'

// A file on its way in stands in a table in memory first: parsed once, looked at, and then inserted whole.

/** What a file in memory holds. */
export interface LoadingSummary {
  readonly records: number
  readonly calls: number
  /** Records that the engine may not judge. */
  readonly odd: number
  /** Records whose event is in the same file before. */
  readonly repeated: number
  readonly from: string
  readonly to: string
  /** When its first and its last model call were. */
  readonly callsFrom: string | null
  readonly callsTo: string | null
}

const tag = { surface: 'store.load' }
const summarySchema = z.object({
  records: wholeNumber,
  calls: wholeNumber,
  odd: wholeNumber,
  repeated: wholeNumber,
  from: instant.nullable(),
  to: instant.nullable(),
  callsFrom: instant.nullable(),
  callsTo: instant.nullable(),
})
const identitySchema = z.object({
  alias: z.string(),
  text: z.string(),
  kind: z.enum(['session', 'user', 'address']),
})
/** One thread and one order, so that a second attempt makes the same blocks. */
const steady = 'max_threads = 1, input_format_parallel_parsing = 0'

/** The name of the table in memory for one file. */
export function loadingTable(fileId: string): string {
  return `loading_${fileId.slice(0, 24)}`
}

/** An empty table in memory with the columns of `access_events` and, as text, those of `identityColumns`. */
export async function createLoadingTable(engine: Engine, table: string): Promise<void> {
  const columns = accessColumns.map((column) => (column === 'ts' ? 'toNullable(ts) AS ts' : column))
  const names = identityColumns.map((column) => `'' AS ${column}`)
  const sql = `SELECT ${[...columns, ...names].join(', ')}, toUInt8(0) AS odd FROM access_events LIMIT 0`
  await engine.command(`CREATE OR REPLACE TABLE ${table} ENGINE = Memory AS ${sql}`)
}

/** Parses a file within the engine. Throws STORE_FAILED when the engine cannot read it. */
export async function stageFile(
  engine: Engine,
  table: string,
  path: string,
  shape: FileShape,
  key: Uint8Array,
): Promise<void> {
  const structure = shape.envelope ? "'JSONEachRow', 'Records Array(String)'" : "'JSONAsString', 'raw String'"
  const file = `file({path:String}, ${structure}, '${shape.compression}')`
  const source = shape.envelope ? `SELECT arrayJoin(Records) AS raw FROM ${file}` : `SELECT raw FROM ${file}`
  const columns = [...accessColumns, ...identityColumns, 'odd'].join(', ')
  const select = `SELECT ${columns} FROM (${accessSelect(source)})`
  await engine.command(`INSERT INTO ${table} (${columns}) ${select} SETTINGS ${steady}`, {
    path,
    key: Buffer.from(key).toString('hex'),
  })
}

/** Looks at what is in memory. */
export async function summarize(engine: Engine, table: string): Promise<LoadingSummary> {
  const sql = `SELECT count() AS records, countIf(is_call != 0) AS calls, countIf(odd != 0) AS odd,
    count() - uniqExact(ts, event_id, recipient_account) AS repeated, min(toNullable(ts)) AS from, max(toNullable(ts)) AS to,
    minIf(toNullable(ts), is_call != 0) AS callsFrom, maxIf(toNullable(ts), is_call != 0) AS callsTo
    FROM ${table}`
  const found = (await engine.rows(summarySchema, sql, {}, tag))[0]
  const nowhere = new Date(0).toISOString()
  if (found === undefined)
    return {
      ...{ records: 0, calls: 0, odd: 0, repeated: 0 },
      from: nowhere,
      to: nowhere,
      callsFrom: null,
      callsTo: null,
    }
  return { ...found, from: found.from ?? nowhere, to: found.to ?? nowhere }
}

/** How many events in memory other files brought before. */
export async function knownElsewhere(
  engine: Engine,
  table: string,
  fileId: string,
  span: LoadingSummary,
): Promise<number> {
  const sql = `SELECT uniqExact(ts, event_id, recipient_account) AS records FROM access_events
    WHERE ts >= parseDateTime64BestEffort({from:String}, 3, 'UTC') AND ts <= parseDateTime64BestEffort({to:String}, 3, 'UTC')
      AND file_id != {fileId:String}
      AND (ts, event_id, recipient_account) IN (SELECT assumeNotNull(ts), event_id, recipient_account FROM ${table})`
  const params = { from: span.from, to: span.to, fileId }
  return (await engine.rows(summarySchema.pick({ records: true }), sql, params, tag))[0]?.records ?? 0
}

/** The names that were replaced, with what stands for them. */
export async function identitiesIn(engine: Engine, table: string): Promise<readonly IdentitySeen[]> {
  return engine.rows(identitySchema, identitySelect(table), {}, tag)
}

/** From memory to the disk. A second attempt writes every row again: of equal rows the views show one. */
export async function commitLoading(engine: Engine, table: string, fileId: string, stamp: LoadStamp): Promise<void> {
  const columns = accessColumns.join(', ')
  const values = accessColumns.map((column) => (column === 'ts' ? 'assumeNotNull(ts)' : column)).join(', ')
  await engine.command(
    `INSERT INTO access_events (${columns}, file_id, revision, batch, loaded_at, simulated)
     SELECT ${values}, {fileId:String}, {revision:UInt64}, {batch:UInt64},
       parseDateTime64BestEffort({loadedAt:String}, 3, 'UTC'), {simulated:UInt8}
     FROM ${table} SETTINGS max_threads = 1, insert_deduplicate = 0`,
    {
      fileId,
      revision: revisionOf(fileId),
      batch: stamp.batch,
      loadedAt: stamp.loadedAt,
      simulated: Number(stamp.simulated),
    },
  )
}

/** Which of two files tells an event: the same one in whatever order they are loaded, so that a rebuild answers the same. */
function revisionOf(fileId: string): number {
  return Number.parseInt(fileId.slice(0, 12), 16)
}
