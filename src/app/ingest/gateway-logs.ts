import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type AliasSeen, type ForeignLog, readForeign } from '../../capture/foreign/read-foreign.ts'
import type { Archive } from '../../evidence/archive/archive.ts'
import type { Engine } from '../../evidence/store/engine.ts'
import type { Store } from '../../evidence/store/store.ts'
import type { Vault } from '../../evidence/vault/vault.ts'
import type { Clock } from '../../platform/clock.ts'
import { parseJson } from '../../platform/json/parse-json.ts'
import { LineSplitter } from '../../platform/json/split-lines.ts'
import type { ObjectSource, SourceObject } from '../../platform/objects/object-source.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import type { RecordAct } from '../hub-journal.ts'
import type { GatewayLogHead, GatewayLogLine } from './gateway-log-rows.ts'
import type { IngestResult, Rejection } from './ingest-result.ts'
import { loadGatewayLog } from './load-gateway-log.ts'
import { openRecords } from './open-records.ts'

/** What taking in other gateways' logs needs. */
export interface GatewayLogParts {
  readonly engine: Engine
  readonly store: Store
  readonly archive: Archive
  readonly vault: Vault
  readonly keys: SecretKeys
  readonly act: RecordAct
  readonly clock: Clock
  readonly simulated: boolean
}

/** A piece of a log: a file, or what a growing one has gained. */
export interface LogPiece {
  readonly log: ForeignLog
  readonly bytes: Readable
  /** Of the place it came from, for provenance. */
  readonly origin: string
  readonly name: string
  /** The unbroken reading that it belongs to; absent where it is one by itself. */
  readonly stretch?: string
}

/** Takes one file of a log in. The same bytes of the same log a second time change nothing. */
export async function ingestGatewayLog(
  parts: GatewayLogParts,
  log: ForeignLog,
  source: ObjectSource,
  object: SourceObject,
): Promise<IngestResult | undefined> {
  if (object.bytes === 0) return undefined
  const bytes = await source.open(object.key)
  return ingestPiece(parts, { log, bytes, origin: source.origin, name: object.key })
}

interface ReadPiece {
  readonly head: GatewayLogHead
  readonly lines: readonly GatewayLogLine[]
  readonly identities: ReadonlyMap<string, AliasSeen>
}

/**
 * Takes a piece in. Such logs may hold what was said, so the bytes are not kept: an envelope of what was read off them is, and who it
 * was goes into the vault.
 */
export async function ingestPiece(parts: GatewayLogParts, piece: LogPiece): Promise<IngestResult> {
  const { head, lines, identities } = await readPiece(parts, piece)
  const result = {
    kind: 'gateway-log',
    fileId: head.sha256,
    records: head.records,
    calls: lines.length,
    rejected: head.rejected,
  } as const
  if (await parts.store.hasFile('gateway-log', head.sha256))
    return { ...result, duplicates: lines.length, already: true }
  for (const { alias, entry } of identities.values()) await parts.vault.putIdentity(alias, entry)
  const archived = await parts.archive.put({
    kind: 'gateway-logs',
    name: `${head.sha256}.envelope.jsonl`,
    origin: `${piece.origin} ${piece.name}`,
    bytes: envelopeOf(head, lines),
    receivedAt: new Date(parts.clock.now()).toISOString(),
  })
  const { path, receivedAt } = archived
  const duplicates = await loadGatewayLog(parts, {
    head,
    lines,
    path,
    receivedAt,
    origin: piece.origin,
    name: piece.name,
  })
  await parts.act('file.ingested', {
    kind: 'gateway-log',
    fileId: head.sha256,
    records: head.records,
    duplicates,
    rejected: head.rejected.length,
  })
  return { ...result, duplicates, ...spanOf(lines), already: false }
}

async function readPiece(parts: GatewayLogParts, piece: LogPiece): Promise<ReadPiece> {
  const { log } = piece
  const opened = openRecords(piece.bytes, (longest) => new LineSplitter(longest))
  const lines: GatewayLogLine[] = []
  const rejected: Rejection[] = []
  const identities = new Map<string, AliasSeen>()
  let position = 0
  let notCalls = 0
  for await (const record of opened.records) {
    position += 1
    const value = record.kind === 'record' ? parseJson(record.bytes) : undefined
    const read = value === undefined ? undefined : readForeign(log, value, parts.keys('pseudonym'))
    if (record.kind === 'bad') rejected.push({ position, code: record.code })
    else if (read === undefined) rejected.push({ position, code: 'not_json' })
    else if (read.kind === 'refused') rejected.push({ position, code: read.code })
    else if (read.kind === 'not_a_call') notCalls += 1
    else {
      lines.push({ n: position, call: read.call })
      if (read.identity !== undefined) identities.set(read.identity.alias, read.identity)
    }
  }
  const sha256 = digestOf(log.product, log.source, opened.sha256())
  const stretch = piece.stretch ?? sha256
  const records = lines.length + notCalls
  const head: GatewayLogHead = {
    v: 1,
    kind: 'gateway-log-envelope',
    ...log,
    sha256,
    stretch,
    bytes: opened.bytes(),
    records,
    notCalls,
    rejected,
  }
  return { head, lines, identities }
}

/** One hash of several texts. */
export function digestOf(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('hex')
}

async function* envelopeOf(head: GatewayLogHead, lines: readonly GatewayLogLine[]): AsyncGenerator<Buffer> {
  for (const line of [head, ...lines]) yield Buffer.from(`${JSON.stringify(line)}\n`)
}

function spanOf(lines: readonly GatewayLogLine[]): Pick<IngestResult, 'callSpan'> {
  const times = lines.map(({ call }) => call.startedAt).sort()
  const [from, to] = [times[0], times.at(-1)]
  return from === undefined || to === undefined ? {} : { callSpan: { from, to } }
}
