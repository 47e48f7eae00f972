import { z } from 'zod'
import { foreignProducts, foreignSourcePattern } from '../../../record/foreign-call.ts'
import { roles } from '../../access/roles.ts'

/** POST /archive/check */
export const archiveCheckSchema = z.object({
  files: z.number(),
  bytes: z.number(),
  faults: z.array(z.object({ path: z.string(), fault: z.string() })),
})

/** A line of POST /ingest */
export const ingestedSchema = z.object({
  name: z.string(),
  result: z
    .object({
      records: z.number(),
      duplicates: z.number(),
      calls: z.number(),
      callSpan: z.object({ from: z.string(), to: z.string() }).optional(),
      already: z.boolean(),
      rejected: z.array(z.object({ position: z.number(), code: z.string() })),
    })
    .optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})
/** A line of POST /ingest */
export type Ingested = z.infer<typeof ingestedSchema>

/** A line of POST /rebuild: how far it is, and at the end that it is done, or what stopped it. */
export const rebuiltSchema = z.union([
  z.object({ files: z.number(), records: z.number(), done: z.boolean() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])

/** GET /status */
export const statusSchema = z.object({
  version: z.string(),
  simulated: z.boolean(),
  startedAt: z.string(),
  lastRunAt: z.string(),
  consoleUrl: z.string(),
  engine: z.string(),
  sources: z.array(
    z.object({
      type: z.string(),
      origin: z.string(),
      files: z.number(),
      /** Set aside after several tries, or as a message that could not be followed. */
      failed: z.number(),
      /** Tried, and to be tried again. */
      failing: z.number(),
      /** Markers, bodies of their own, other folders. */
      skipped: z.number(),
      lastError: z.string(),
      /** From this moment on everything is read; null when nothing older is left, or nothing of the kind is known. */
      backTo: z.string().nullable(),
    }),
  ),
  windows: z.object({ cloudtrailMs: z.number(), invocationsMs: z.number() }),
  ledger: z.object({
    /** Code of what is wrong: it takes no entries, or records contradict theirs (LEDGER_CONFLICT); empty when nothing is. */
    error: z.string(),
    origin: z.string(),
    /** Entries under the newest checkpoint. */
    size: z.number(),
    /** The public verifier key. */
    key: z.string(),
    /** What is kept and not an entry yet. */
    backlog: z.object({ records: z.number(), files: z.number() }),
    published: z.array(
      z.object({
        kind: z.string(),
        address: z.string(),
        size: z.number().nullable(),
        at: z.string().nullable(),
        error: z.string(),
      }),
    ),
  }),
})
/** GET /status */
export type StatusAnswer = z.infer<typeof statusSchema>

const path = z.string().min(1).max(4096)

/** What POST /ingest takes. */
export const ingestBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['cloudtrail', 'invocations']), path }),
  z.strictObject({
    kind: z.literal('gateway-log'),
    path,
    /** Whose log it is. */
    format: z.enum(foreignProducts),
    /** Tells installations of one product apart. */
    name: z.string().regex(foreignSourcePattern).default('log'),
  }),
])

/** What POST /session/links takes. */
export const linkBody = z.strictObject({ roles: z.array(z.enum(roles)).min(1).default(['viewer']) })

/** POST /session/links */
export const linkSchema = z.object({ link: z.string() })
