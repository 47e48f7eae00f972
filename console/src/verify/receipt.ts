import * as z from 'zod/mini'
import { fromBase64, sha256, toHex, utf8 } from './bytes.ts'

/** A receipt of one record (C2SP tlog-proof): nothing of it is believed until it is checked. */
export interface Receipt {
  readonly index: number
  readonly proof: readonly Uint8Array<ArrayBuffer>[]
  /** The signed note as the log issued it. */
  readonly checkpoint: string
  readonly extra: Extra | undefined
}

/** What comes along: the entry of the ledger, and the record that it commits to. */
export interface Extra {
  readonly entryText: string
  readonly commit: string
  readonly record: string | undefined
}

const entrySchema = z.object({
  v: z.number(),
  source: z.string(),
  seq: z.number(),
  type: z.string(),
  commit: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
})
const extraSchema = z.object({
  entry: z.union([z.string(), entrySchema]),
  record: z.optional(z.nullable(z.string())),
})

/** Reads the form of a receipt; undefined when it has another. */
export function parseReceipt(text: string): Receipt | undefined {
  const cut = text.indexOf('\n\n')
  const lines = text.slice(0, Math.max(cut, 0)).split('\n')
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1') return undefined
  const extra = lines[0]?.startsWith('extra ') === true ? (lines.shift() ?? '').slice(6) : undefined
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1]
  const proof = lines.map(fromBase64)
  const hashes = proof.filter((hash) => hash?.length === 32)
  if (index === undefined || hashes.length !== proof.length) return undefined
  return {
    index: Number(index),
    proof: hashes.filter((hash) => hash !== undefined),
    checkpoint: text.slice(cut + 2),
    extra: extra === undefined ? undefined : parseExtra(extra),
  }
}

function parseExtra(base64: string): Extra | undefined {
  const bytes = fromBase64(base64)
  if (bytes === undefined) return undefined
  const said = extraSchema.safeParse(parseJson(new TextDecoder().decode(bytes)))
  if (!said.success) return undefined
  const { entry, record } = said.data
  const entryText = typeof entry === 'string' ? entry : canonical(entry)
  const parsed = entrySchema.safeParse(parseJson(entryText))
  return parsed.success ? { entryText, commit: parsed.data.commit, record: record ?? undefined } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Canonical JSON (RFC 8785) of an entry: its members are flat, so sorting them is all. */
function canonical(entry: z.infer<typeof entrySchema>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** Whether a record is what its entry commits to. Bytes that are no text come as base64: only the hash says which it was. */
export async function recordFits(record: string, commit: string): Promise<boolean> {
  if (toHex(await sha256(utf8(record))) === commit) return true
  const bytes = fromBase64(record)
  return bytes !== undefined && toHex(await sha256(bytes)) === commit
}
