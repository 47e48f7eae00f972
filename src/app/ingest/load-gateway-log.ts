import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Engine } from '../../evidence/store/engine.ts'
import type { Store } from '../../evidence/store/store.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import {
  type GatewayLogHead,
  type GatewayLogLine,
  gatewayLogHeadSchema,
  gatewayLogLineSchema,
  gatewayLogRows,
} from './gateway-log-rows.ts'

/** An envelope with where it is kept. */
export interface KeptGatewayLog {
  readonly head: GatewayLogHead
  readonly lines: readonly GatewayLogLine[]
  readonly path: string
  readonly receivedAt: string
  readonly origin: string
  readonly name: string
}

/** What loading needs. */
export interface GatewayLogLoading {
  readonly engine: Engine
  readonly store: Store
  readonly simulated: boolean
}

const rowsAtATime = 10_000

/** Loads an envelope's calls, also at a rebuild, and notes the file. Returns how many calls another copy of the log had brought already. */
export async function loadGatewayLog(parts: GatewayLogLoading, kept: KeptGatewayLog): Promise<number> {
  const { head, lines } = kept
  let duplicates = 0
  for (let at = 0; at < lines.length; at += rowsAtATime) {
    const part = lines.slice(at, at + rowsAtATime)
    const fresh = await withoutKnown(parts.engine, part)
    duplicates += part.length - fresh.length
    if (fresh.length === 0) continue
    await parts.store.withBatch((batch) => {
      const stamp = { batch, loadedAt: kept.receivedAt, simulated: parts.simulated }
      return parts.engine.insert('gateway_calls', gatewayLogRows(head, fresh, stamp))
    })
  }
  await parts.store.noteFile({
    kind: 'gateway-log',
    fileId: head.sha256,
    name: kept.name,
    origin: kept.origin,
    bytes: head.bytes,
    records: head.records,
    duplicates,
    rejected: head.rejected,
    archivedPath: kept.path,
  })
  return duplicates
}

/** A load that was cut off finds its own rows again, and loads the rest. */
async function withoutKnown(engine: Engine, lines: readonly GatewayLogLine[]): Promise<readonly GatewayLogLine[]> {
  const times = lines.map(({ call }) => Date.parse(call.startedAt))
  const bounds = times.reduce(({ from, to }, at) => ({ from: Math.min(from, at), to: Math.max(to, at) }), {
    from: Number.MAX_SAFE_INTEGER,
    to: 0,
  })
  const rows = await engine.rows(
    z.object({ call_id: z.string() }),
    `SELECT DISTINCT call_id FROM gateway_calls WHERE ts >= fromUnixTimestamp64Milli({from:Int64})
       AND ts <= fromUnixTimestamp64Milli({to:Int64}) AND call_id IN {ids:Array(String)}`,
    { ...bounds, ids: lines.map(({ call }) => call.id) },
    { surface: 'ingest.gateway-log' },
  )
  const known = new Set(rows.map((row) => row.call_id))
  return lines.filter(({ call }) => {
    if (known.has(call.id)) return false
    known.add(call.id)
    return true
  })
}

/** Reads an envelope out of the archive. Throws ARCHIVE_UNREADABLE. */
export async function readGatewayLogEnvelope(path: string): Promise<Pick<KeptGatewayLog, 'head' | 'lines'>> {
  const lines: GatewayLogLine[] = []
  let head: GatewayLogHead | undefined
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (head === undefined) head = gatewayLogHeadSchema.parse(JSON.parse(text))
    else lines.push(gatewayLogLineSchema.parse(JSON.parse(text)))
  }
  if (head === undefined) throw new TriptychError('ARCHIVE_UNREADABLE', { reason: 'an envelope without its head' })
  return { head, lines }
}
