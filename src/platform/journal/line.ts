import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What a journal may hold: plain JSON. */
export type JsonObject = { readonly [key: string]: unknown }

/**
 * One line of a segment, one record. `prev` is the SHA-256 of the line before it (64 zeros for a journal's first),
 * `rand` 128 random bits, so that a hash of the line gives nothing away and can be committed to in public.
 */
export const journalLineSchema = z.object({
  v: z.literal(1),
  source: z.string().regex(/^[a-z0-9-]{1,64}$/),
  seq: z.number().int().positive(),
  at: z.iso.datetime(),
  rand: z.string().regex(/^[0-9a-f]{32}$/),
  type: z.string().regex(/^[a-z]+(\.[a-z-]+)+$/),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  body: z.record(z.string(), z.unknown()),
})

/** A record as it stands in the journal. */
export type JournalLine = z.infer<typeof journalLineSchema>

/** `prev` of the first record of a journal. */
export const firstPrev = '0'.repeat(64)

/** The hash that the next record names as `prev`: SHA-256 of the line's bytes without its line feed. */
export function hashLine(line: string | Uint8Array): string {
  return createHash('sha256').update(line).digest('hex')
}

/** Reads one line; undefined when it is not a whole record. */
export function parseJournalLine(text: string): JournalLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = journalLineSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}
