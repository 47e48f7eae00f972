import { type NamelessPrincipal, parseInvocation } from '../../capture/content/parse-invocation.ts'
import { splitRecord } from '../../capture/content/split-record.ts'
import type { Archive } from '../../evidence/archive/archive.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import type { Store } from '../../evidence/store/store.ts'
import type { Intake, Vault } from '../../evidence/vault/vault.ts'
import type { Clock } from '../../platform/clock.ts'
import { parseJson } from '../../platform/json/parse-json.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import { contentRecordSchema } from '../../record/content-record.ts'
import type { IdentityEntry } from '../../record/principal.ts'
import type { RecordAct } from '../hub-journal.ts'
import { contentRows, type EnvelopeLine } from './content-rows.ts'
import type { IngestResult, Rejection } from './ingest-result.ts'
import { bodyOf, type Keeping, placeCut } from './keep-bodies.ts'
import { isSeparateBody, openRecords } from './open-records.ts'

/** What taking in invocation logs needs. */
export interface InvocationParts {
  readonly engine: Engine
  readonly store: Store
  readonly archive: Archive
  readonly vault: Vault
  readonly keys: SecretKeys
  readonly act: RecordAct
  readonly clock: Clock
  readonly nameless: (arn: string) => OwnedPrincipal
  readonly policyOf: (account: string, region: string, at: number) => 'none' | 'keep'
  readonly simulated: boolean
}

/** A principal of AWS's logs, and under whose key its bodies are kept. */
export interface OwnedPrincipal extends NamelessPrincipal {
  readonly owner: string
  readonly identity: IdentityEntry | undefined
}

interface Batch {
  readonly lines: EnvelopeLine[]
  readonly rejected: Rejection[]
  readonly identities: Map<string, IdentityEntry>
}

/**
 * Takes one batch of the invocation log in: split while it is read into an envelope for the archive and bodies, as ciphertext, for
 * the vault. No plaintext touches the disk. The same bytes a second time change nothing.
 */
export async function ingestInvocations(
  parts: InvocationParts,
  source: ObjectSource,
  object: SourceObject,
): Promise<IngestResult | undefined> {
  if (isSeparateBody(object.key) || object.bytes === 0) return undefined
  const intake = parts.vault.newIntake()
  return takeBatch(parts, source, object, intake, { lines: [], rejected: [], identities: new Map() })
}

async function takeBatch(
  parts: InvocationParts,
  source: ObjectSource,
  object: SourceObject,
  intake: Intake,
  batch: Batch,
): Promise<IngestResult> {
  const opened = openRecords(await source.open(object.key))
  let position = 0
  for await (const record of opened.records) {
    position += 1
    if (record.kind === 'bad') batch.rejected.push({ position, code: record.code })
    else await takeRecord(parts, source, intake, batch, record.bytes, position)
  }
  const fileId = opened.sha256()
  if (await parts.store.hasFile('invocations', fileId)) {
    return {
      kind: 'invocations',
      fileId,
      records: batch.lines.length,
      duplicates: batch.lines.length,
      rejected: batch.rejected,
      calls: batch.lines.length,
      already: true,
    }
  }
  await intake.finish()
  for (const [owner, entry] of batch.identities) await parts.vault.putIdentity(owner, entry)
  return keep(parts, source, object, fileId, opened.bytes(), batch)
}

async function keep(
  parts: InvocationParts,
  source: ObjectSource,
  object: SourceObject,
  fileId: string,
  bytes: number,
  batch: Batch,
): Promise<IngestResult> {
  const { rejected } = batch
  const head = { v: 1, kind: 'invocation-envelope', sha256: fileId, bytes, records: batch.lines.length, rejected }
  const text = [head, ...batch.lines].map((line) => `${JSON.stringify(line)}\n`)
  const receivedAt = new Date(parts.clock.now()).toISOString()
  const archived = await parts.archive.put({
    kind: 'invocations',
    name: `${fileId}.envelope.jsonl`,
    origin: `${source.origin} ${object.key}`,
    bytes: toBytes(text),
    receivedAt,
  })
  await parts.act('file.ingested', {
    kind: 'invocations',
    fileId,
    records: batch.lines.length,
    duplicates: 0,
    rejected: batch.rejected.length,
  })
  await loadEnvelope(parts, { fileId, receivedAt: archived.receivedAt }, batch.lines)
  await parts.store.noteFile({
    kind: 'invocations',
    fileId,
    name: object.key,
    origin: source.origin,
    bytes,
    records: batch.lines.length,
    duplicates: 0,
    rejected: batch.rejected,
    archivedPath: archived.path,
  })
  return {
    kind: 'invocations',
    fileId,
    records: batch.lines.length,
    duplicates: 0,
    rejected: batch.rejected,
    calls: batch.lines.length,
    ...spanOf(batch.lines),
    already: false,
  }
}

function spanOf(lines: readonly EnvelopeLine[]): Pick<IngestResult, 'callSpan'> {
  const times = lines.map(({ record }) => record.timestamp).sort()
  const [from, to] = [times[0], times.at(-1)]
  return from === undefined || to === undefined ? {} : { callSpan: { from, to } }
}

/** Rows of an envelope, also at a rebuild. */
export async function loadEnvelope(
  parts: Pick<InvocationParts, 'engine' | 'store' | 'simulated'>,
  { fileId, receivedAt }: { readonly fileId: string; readonly receivedAt: string },
  lines: readonly EnvelopeLine[],
): Promise<void> {
  if (lines.length === 0) return
  await parts.store.withBatch((batch) => {
    const rows = contentRows(fileId, lines, { batch, loadedAt: receivedAt, simulated: parts.simulated })
    return parts.engine.insert('content_records', rows)
  })
}

async function takeRecord(
  parts: InvocationParts,
  source: ObjectSource,
  intake: Intake,
  batch: Batch,
  bytes: Buffer,
  position: number,
): Promise<void> {
  const value = parseJson(bytes)
  const parsed = parseInvocation(value, parts.nameless)
  const split = parsed === undefined ? undefined : splitRecord(bytes)
  if (parsed === undefined || split === undefined) {
    batch.rejected.push({ position, code: value === undefined ? 'not_json' : 'not_an_invocation' })
    return
  }
  const { owner, identity } = parts.nameless(parsed.arn)
  const { account, region, timestamp } = parsed.record
  const keepContent = parts.policyOf(account, region, Date.parse(timestamp)) === 'keep'
  const keeping: Keeping = { parts, source, intake, owner, at: timestamp, keepContent }
  const cuts: EnvelopeLine['cuts'][number][] = []
  for (const cut of split.cuts) cuts.push(await placeCut(keeping, cut))
  const inputPlace = { s3Path: parsed.inputS3Path, lost: parsed.inputLost }
  const outputPlace = { s3Path: parsed.outputS3Path, lost: parsed.outputLost }
  const inline = (path: string) => split.cuts.find((cut) => cut.path === path)?.bytes
  const input = await bodyOf(keeping, cuts, 'input.inputBodyJson', inputPlace, inline)
  const output = await bodyOf(keeping, cuts, 'output.outputBodyJson', outputPlace, inline)
  const record = contentRecordSchema.safeParse({
    ...parsed.record,
    session: input.session,
    inputState: input.state,
    inputBytes: input.bytes,
    inputMac: input.mac,
    inputRef: input.ref,
    outputState: output.state,
    outputBytes: output.bytes,
    outputMac: output.mac,
    outputRef: output.ref,
  })
  if (!record.success) {
    batch.rejected.push({ position, code: 'not_an_invocation' })
    return
  }
  if (identity !== undefined) batch.identities.set(owner, identity)
  batch.lines.push({ n: position, record: record.data, owner, envelope: split.envelope, cuts })
}

async function* toBytes(lines: readonly string[]): AsyncGenerator<Buffer> {
  for (const line of lines) yield Buffer.from(line)
}
