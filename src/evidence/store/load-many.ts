import { dirname } from 'node:path'
import { isTriptychError } from '../../platform/triptych-error.ts'
import {
  commitBatch,
  createBatchTable,
  duplicatesIn,
  type StagedFile,
  stageBatch,
  stagedFiles,
  stagedSpan,
} from './batch-table.ts'
import { fileShape } from './file-shape.ts'
import {
  type CloudTrailFile,
  type CloudTrailLoad,
  type CloudTrailLoaderParts,
  loadCloudTrail,
} from './load-cloudtrail.ts'
import { identitiesIn } from './loading-table.ts'
import { knownFiles } from './source-files.ts'

/** Whatever the engine reads at once stands in memory as text and as columns: about 20 times its gz bytes. */
const mostBytes = 8_000_000
const mostFiles = 256
/** What a pattern of the engine takes as it stands. */
const plainPath = /^[A-Za-z0-9._/-]+$/

/**
 * Loads archived CloudTrail files, many with one statement, for planning one takes longer than reading a small file. What the engine
 * cannot read or may not judge goes alone, record by record. The same bytes a second time change nothing.
 * @returns by the file's hash
 */
export async function loadManyCloudTrail(
  parts: CloudTrailLoaderParts,
  files: readonly CloudTrailFile[],
): Promise<ReadonlyMap<string, CloudTrailLoad>> {
  const loads = new Map<string, CloudTrailLoad>()
  const known = await knownFiles(
    parts.engine,
    'cloudtrail',
    files.map(({ fileId }) => fileId),
  )
  const own = [...new Map(files.map((file) => [file.fileId, file])).values()]
  const fresh: CloudTrailFile[] = []
  for (const file of own) if (!known.has(file.fileId) && (await isPlain(parts, file))) fresh.push(file)
  for (const part of inParts(fresh))
    for (const [fileId, load] of await loadTogether(parts, part)) loads.set(fileId, load)
  for (const file of own) if (!loads.has(file.fileId)) loads.set(file.fileId, await loadCloudTrail(parts, file))
  return loads
}

/** A gz envelope under a plain name, which the engine of this machine can see. */
async function isPlain(parts: CloudTrailLoaderParts, { path }: CloudTrailFile): Promise<boolean> {
  if (parts.engine.kind === 'server' || !plainPath.test(path)) return false
  const { envelope, compression } = await fileShape(path)
  return envelope && compression === 'gzip'
}

/** Of one directory each: the engine's patterns stand for names, not for paths. */
function* inParts(files: readonly CloudTrailFile[]): Generator<readonly CloudTrailFile[]> {
  let part: CloudTrailFile[] = []
  let bytes = 0
  for (const file of files) {
    const [first] = part
    const elsewhere = first !== undefined && dirname(first.path) !== dirname(file.path)
    if (elsewhere || part.length >= mostFiles || (part.length > 0 && bytes + file.bytes > mostBytes)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(file)
    bytes += file.bytes
  }
  if (part.length > 0) yield part
}

/** Those of the files that could be loaded together. Where one cannot be read, the others are found by halves. */
async function loadTogether(
  parts: CloudTrailLoaderParts,
  files: readonly CloudTrailFile[],
): Promise<readonly (readonly [string, CloudTrailLoad])[]> {
  if (files.length < 2) return []
  const table = `loading_many_${files[0]?.fileId.slice(0, 16)}`
  try {
    await createBatchTable(parts.engine, table)
    await stageBatch(parts.engine, table, files, parts.pseudonymKey)
    return await commit(parts, table, files, await stagedFiles(parts.engine, table))
  } catch (cause) {
    if (!isTriptychError(cause, 'STORE_FAILED')) throw cause
    const half = Math.ceil(files.length / 2)
    return [...(await loadTogether(parts, files.slice(0, half))), ...(await loadTogether(parts, files.slice(half)))]
  } finally {
    await parts.engine.command(`DROP TABLE IF EXISTS ${table} SYNC`)
  }
}

async function commit(
  parts: CloudTrailLoaderParts,
  table: string,
  files: readonly CloudTrailFile[],
  found: readonly StagedFile[],
): Promise<readonly (readonly [string, CloudTrailLoad])[]> {
  const sound = new Map(found.filter(({ odd }) => odd === 0).map((one) => [one.fileId, one]))
  const whole = files.filter(({ fileId }) => sound.has(fileId))
  const span = await stagedSpan(parts.engine, table)
  if (whole.length === 0 || span === undefined) return []
  const ids = whole.map(({ fileId }) => fileId)
  const duplicates = await duplicatesIn(parts.engine, table, ids, span)
  const identities = await identitiesIn(parts.engine, table)
  await parts.keepIdentities(identities)
  await parts.store.withBatch((batch) => commitBatch(parts.engine, table, whole, { batch, simulated: parts.simulated }))
  const loads = whole.map((file) => {
    const { records = 0, calls = 0, callsFrom = null, callsTo = null } = sound.get(file.fileId) ?? {}
    const span = callsFrom === null || callsTo === null ? {} : { callSpan: { from: callsFrom, to: callsTo } }
    const load: CloudTrailLoad = {
      records,
      duplicates: duplicates.get(file.fileId) ?? 0,
      rejected: [],
      calls,
      ...span,
      already: false,
      path: 'engine',
      identitiesSeen: identities,
    }
    return [file, load] as const
  })
  await parts.store.noteFiles(
    loads.map(([{ fileId, name, origin, bytes, path }, { records, duplicates: repeated }]) => ({
      ...{ kind: 'cloudtrail', fileId, name, origin, bytes, archivedPath: path },
      ...{ records, duplicates: repeated, rejected: [] },
    })),
  )
  return loads.map(([{ fileId }, load]) => [fileId, load])
}
