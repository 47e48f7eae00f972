import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { writeFileAtomic } from '../../platform/files.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { HubParts } from '../compose/open-hub.ts'
import { loadArchived } from './cloudtrail.ts'
import { type EnvelopeLine, envelopeLineSchema } from './content-rows.ts'
import { loadEnvelope } from './invocations.ts'
import { loadGatewayLog, readGatewayLogEnvelope } from './load-gateway-log.ts'

const headSchema = z.object({
  v: z.literal(1),
  kind: z.literal('invocation-envelope'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number(),
  rejected: z.array(z.object({ position: z.number(), code: z.string() })),
})

/** More than a store reserves at a time. */
const batchesReserved = 1000

/** Every table that is a view of files; progress among them, so that the journals are read from their beginning. */
const tables = [
  'access_events',
  'gateway_calls',
  'gateway_sessions',
  'journal_marks',
  'content_records',
  'snapshots',
  'calls',
  'verdict_changes',
  'source_files',
  'rejected_records',
  'progress',
] as const

/** Whether a rebuild was cut off: its store is a part of the truth and must not be taken for the whole. */
export async function isHalfRebuilt(parts: Pick<HubParts, 'dirs'>): Promise<boolean> {
  return stat(markOf(parts)).then(
    () => true,
    () => false,
  )
}

function markOf(parts: Pick<HubParts, 'dirs'>): string {
  return join(parts.dirs.config, 'rebuilding')
}

/** How far a rebuild is. */
export interface Rebuilt {
  readonly files: number
  readonly records: number
}

/** Under this name the store knows when it was made again, ms: verdicts from before are not kept. */
export const rebuiltAtName = 'store.rebuilt-at'
const filesPerReport = 100

/** Makes the store again from the archive and the journals: files are the truth, tables a view of them. */
export async function rebuildStore(
  parts: HubParts,
  loadJournals: () => Promise<number>,
  onProgress: (done: Rebuilt) => Promise<unknown>,
): Promise<Rebuilt> {
  const lastBatch = await parts.store.lastBatch()
  await writeFileAtomic(markOf(parts), '')
  for (const table of tables) await parts.engine.command(`TRUNCATE TABLE ${table}`)
  // Batch numbers go on rising: a reader that works through them must not miss what is loaded now.
  await parts.store.setProgress('store.batch', String(lastBatch + batchesReserved))
  let files = 0
  let records = await loadJournals()
  const count = async (loaded: number) => {
    files += 1
    records += loaded
    if (files % filesPerReport === 0) await onProgress({ files, records })
  }
  await onProgress({ files, records })
  for await (const file of parts.archive.list('cloudtrail')) {
    const [origin, key] = splitOrigin(file.origin)
    await count((await loadArchived(parts, { ...file, origin, name: key })).records)
  }
  for await (const file of parts.archive.list('invocations')) {
    const [origin, key] = splitOrigin(file.origin)
    const { head, lines } = await readEnvelope(file.path)
    await loadEnvelope(parts, { fileId: head.sha256, receivedAt: file.receivedAt }, lines)
    await parts.store.noteFile({
      kind: 'invocations',
      fileId: head.sha256,
      name: key,
      origin,
      bytes: head.bytes,
      records: lines.length,
      duplicates: 0,
      rejected: head.rejected,
      archivedPath: file.path,
    })
    await count(lines.length)
  }
  for await (const file of parts.archive.list('gateway-logs')) {
    const [origin, name] = splitOrigin(file.origin)
    const envelope = await readGatewayLogEnvelope(file.path)
    await loadGatewayLog(parts, { ...envelope, path: file.path, receivedAt: file.receivedAt, origin, name })
    await count(envelope.lines.length)
  }
  await parts.store.setProgress(rebuiltAtName, String(parts.clock.now()))
  await rm(markOf(parts), { force: true })
  await parts.act('store.rebuilt', { files, records })
  return { files, records }
}

async function readEnvelope(path: string): Promise<{ head: z.infer<typeof headSchema>; lines: EnvelopeLine[] }> {
  const lines: EnvelopeLine[] = []
  let head: z.infer<typeof headSchema> | undefined
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (head === undefined) head = headSchema.parse(JSON.parse(text))
    else lines.push(envelopeLineSchema.parse(JSON.parse(text)))
  }
  if (head === undefined) throw new TriptychError('ARCHIVE_UNREADABLE', { reason: 'an envelope without its head' })
  return { head, lines }
}

/** Provenance says `<source> <key>`. */
function splitOrigin(text: string): readonly [string, string] {
  const at = text.indexOf(' ')
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
