import { readCloudTrail } from '../../capture/access/read-cloudtrail.ts'
import type { Archive } from '../../evidence/archive/archive.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import { type CloudTrailFile, loadCloudTrail } from '../../evidence/store/load-cloudtrail.ts'
import type { Store } from '../../evidence/store/store.ts'
import type { Vault } from '../../evidence/vault/vault.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import type { IdentitySeen } from '../../record/access-event.ts'
import type { RecordAct } from '../hub-journal.ts'
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
  const archived = await parts.archive.put({
    kind: 'cloudtrail',
    name: object.key.split('/').at(-1) || 'events.json',
    origin: `${source.origin} ${object.key}`,
    bytes: await source.open(object.key),
    receivedAt: new Date(parts.clock.now()).toISOString(),
  })
  const result = await loadArchived(parts, { ...archived, name: object.key, origin: source.origin })
  const { fileId, records, duplicates, rejected } = result
  if (!result.already)
    await parts.act('file.ingested', {
      kind: 'cloudtrail',
      fileId,
      records,
      duplicates,
      rejected: rejected.length,
    })
  return result
}

/** Loads an archived file, also at a rebuild. */
export async function loadArchived(parts: CloudTrailParts, file: CloudTrailFile): Promise<IngestResult> {
  const loaded = await loadCloudTrail(
    {
      engine: parts.engine,
      store: parts.store,
      pseudonymKey: parts.keys('pseudonym'),
      readRecords: readCloudTrail,
      keepIdentities: (seen) => keepIdentities(parts.vault, seen),
      simulated: parts.simulated,
    },
    file,
  )
  const { records, duplicates, calls, already, callSpan } = loaded
  const rejected = loaded.rejected.map(({ position, code }) => ({ position, code }))
  const span = callSpan === undefined ? {} : { callSpan }
  return { kind: 'cloudtrail', fileId: file.fileId, records, duplicates, rejected, calls, ...span, already }
}

async function keepIdentities(vault: Vault, seen: readonly IdentitySeen[]): Promise<void> {
  for (const { alias, text, kind } of seen) await vault.putIdentity(alias, { kind, issuer: 'aws', subject: text })
}
