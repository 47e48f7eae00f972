import { readCloudTrail } from '../../capture/access/read-cloudtrail.ts'
import type { Archive } from '../../evidence/archive/archive.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import {
  type CloudTrailFile,
  type CloudTrailLoad,
  type CloudTrailLoaderParts,
  loadCloudTrail,
} from '../../evidence/store/load-cloudtrail.ts'
import { loadManyCloudTrail } from '../../evidence/store/load-many.ts'
import type { Store } from '../../evidence/store/store.ts'
import type { Vault } from '../../evidence/vault/vault.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { IdentitySeen } from '../../record/access-event.ts'
import type { RecordAct } from '../hub-journal.ts'
import { unreadable } from './collect.ts'
import type { IngestResult } from './ingest-result.ts'

/** What taking in CloudTrail files needs. */
export interface CloudTrailParts {
  readonly engine: Engine
  readonly store: Store
  readonly archive: Archive
  readonly vault: Vault
  readonly keys: SecretKeys
  readonly act: RecordAct
  readonly clock: Clock
  readonly simulated: boolean
}

/** Takes one CloudTrail file in: archived as received, then loaded by the engine. The same bytes a second time change nothing. */
export async function ingestCloudTrail(
  parts: CloudTrailParts,
  source: ObjectSource,
  object: SourceObject,
): Promise<IngestResult | undefined> {
  if (object.bytes === 0) return undefined
  const result = await loadArchived(parts, await archive(parts, source, object))
  await note(parts, result)
  return result
}

async function archive(parts: CloudTrailParts, source: ObjectSource, object: SourceObject): Promise<CloudTrailFile> {
  const archived = await parts.archive.put({
    kind: 'cloudtrail',
    name: object.key.split('/').at(-1) || 'events.json',
    origin: `${source.origin} ${object.key}`,
    bytes: await source.open(object.key),
    receivedAt: new Date(parts.clock.now()).toISOString(),
  })
  return { ...archived, name: object.key, origin: source.origin }
}

async function note(parts: CloudTrailParts, result: IngestResult | undefined): Promise<void> {
  if (result === undefined || result.already) return
  const { fileId, records, duplicates, rejected } = result
  await parts.act('file.ingested', { kind: 'cloudtrail', fileId, records, duplicates, rejected: rejected.length })
}

/** Objects that are fetched and archived at a time. */
const fetchedAtOnce = 32
const keptAtOnce = 32

/**
 * Takes several files in: archived side by side, then loaded together. What fails by itself fails alone.
 * @returns for each object its result, undefined where it is none of its kind, or the error
 */
export async function ingestManyCloudTrail(
  parts: CloudTrailParts,
  source: ObjectSource,
  objects: readonly SourceObject[],
): Promise<readonly (IngestResult | undefined | Error)[]> {
  const archived = await mapAtOnce(objects, fetchedAtOnce, (object) =>
    object.bytes === 0 ? Promise.resolve(undefined) : archive(parts, source, object).catch(unreadable),
  )
  const files = archived.flatMap((file) => (file === undefined || file instanceof Error ? [] : [file]))
  const loads = await loadManyCloudTrail(loaderParts(parts), files)
  const results = archived.map((file) => {
    if (file === undefined || file instanceof Error) return file
    const load = loads.get(file.fileId)
    return load === undefined
      ? new TriptychError('INGEST_FILE_UNREADABLE', { reason: 'not loaded' })
      : toResult(file, load)
  })
  await Promise.all(results.map((result) => (result instanceof Error ? undefined : note(parts, result))))
  return results
}

/** In the order of the list, at most `most` at a time. */
async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += most)
    results.push(...(await Promise.all(items.slice(at, at + most).map(act))))
  return results
}

/** Loads an archived file, also at a rebuild. */
export async function loadArchived(parts: CloudTrailParts, file: CloudTrailFile): Promise<IngestResult> {
  return toResult(file, await loadCloudTrail(loaderParts(parts), file))
}

function loaderParts(parts: CloudTrailParts): CloudTrailLoaderParts {
  return {
    engine: parts.engine,
    store: parts.store,
    pseudonymKey: parts.keys('pseudonym'),
    readRecords: readCloudTrail,
    keepIdentities: (seen) => keepIdentities(parts.vault, seen),
    simulated: parts.simulated,
  }
}

function toResult(file: CloudTrailFile, loaded: CloudTrailLoad): IngestResult {
  const { records, duplicates, calls, already, callSpan } = loaded
  const rejected = loaded.rejected.map(({ position, code }) => ({ position, code }))
  const span = callSpan === undefined ? {} : { callSpan }
  return { kind: 'cloudtrail', fileId: file.fileId, records, duplicates, rejected, calls, ...span, already }
}

async function keepIdentities(vault: Vault, seen: readonly IdentitySeen[]): Promise<void> {
  const first = [...new Map(seen.map((one) => [one.alias, one])).values()]
  await mapAtOnce(first, keptAtOnce, ({ alias, text, kind }) =>
    vault.putIdentity(alias, { kind, issuer: 'aws', subject: text }),
  )
}
