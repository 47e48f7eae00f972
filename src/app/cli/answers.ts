import { z } from 'zod'

// The answers of /api/v1 as the commands read them.

const tokens = z.object({
  input: z.number().nullable(),
  output: z.number().nullable(),
  cacheRead: z.number().nullable(),
  cacheWrite: z.number().nullable(),
})

/** A call in a list. */
export const callSchema = z.object({
  key: z.string(),
  at: z.string(),
  callId: z.string(),
  awsRequestId: z.string(),
  alias: z.string(),
  principalArn: z.string(),
  team: z.string(),
  project: z.string(),
  operation: z.string(),
  model: z.string(),
  region: z.string(),
  account: z.string(),
  verdict: z.string(),
  findings: z.array(z.string()),
  reason: z.string(),
  compared: z.array(
    z.object({ field: z.string(), between: z.array(z.string()), agree: z.boolean(), strength: z.string() }),
  ),
  seen: z.object({ access: z.boolean(), gateway: z.boolean(), content: z.boolean() }),
  tokens,
  result: z.string(),
  httpStatus: z.number(),
  stopReason: z.string(),
  durationMs: z.number().nullable(),
  firstByteMs: z.number().nullable(),
  judgedAt: z.string(),
  simulated: z.boolean(),
})
/** A call in a list. */
export type CallAnswer = z.infer<typeof callSchema>

/** GET /calls */
export const callsSchema = z.object({
  since: z.string(),
  until: z.string(),
  limit: z.number(),
  calls: z.array(callSchema),
})

const loose = z.record(z.string(), z.unknown())
/** GET /calls/:id */
export const callDetailSchema = z.object({
  call: callSchema,
  panels: z.object({
    access: z.array(loose),
    gateway: loose.nullable(),
    content: z.array(loose),
    changes: z.array(z.object({ from: z.string(), to: z.string(), at: z.string(), reason: z.string() })),
  }),
})
/** GET /calls/:id */
export type CallDetail = z.infer<typeof callDetailSchema>

/** GET /coverage */
export const coverageSchema = z.object({
  simulated: z.boolean(),
  since: z.string(),
  until: z.string(),
  total: z.number(),
  verdicts: z.record(z.string(), z.number()),
  places: z.array(
    z.object({
      layer: z.string(),
      account: z.string(),
      region: z.string(),
      hours: z.object({ complete: z.number(), blind: z.number(), unknown: z.number() }),
      spans: z.array(z.object({ from: z.string(), until: z.string(), state: z.string(), why: z.string() })),
    }),
  ),
  journals: z.array(
    z.object({
      source: z.string(),
      firstAt: z.string(),
      lastAt: z.string(),
      records: z.number(),
      holes: z.array(z.object({ afterSeq: z.number(), beforeSeq: z.number() })),
      lostCalls: z.number(),
    }),
  ),
})
/** GET /coverage */
export type CoverageAnswer = z.infer<typeof coverageSchema>

/** GET /ask/:question */
export const askSchema = z.object({
  question: z.string(),
  asks: z.string(),
  since: z.string(),
  until: z.string(),
  simulated: z.boolean(),
  rows: z.array(
    z.object({
      name: z.string(),
      detail: z.array(z.string()),
      calls: z.number(),
      grave: z.number(),
      tokens: z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() }),
      unmeasured: z.number(),
      firstAt: z.string(),
      lastAt: z.string(),
    }),
  ),
  evidence: z.string(),
  limits: z.array(z.string()),
})
/** GET /ask/:question */
export type AskAnswer = z.infer<typeof askSchema>

/** GET /calls/:id/proof */
export const proofSchema = z.object({
  record: z.string(),
  source: z.string(),
  seq: z.number(),
  index: z.number(),
  size: z.number(),
  proof: z.string(),
})

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
      already: z.boolean(),
      rejected: z.array(z.object({ position: z.number(), code: z.string() })),
    })
    .optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})
/** A line of POST /ingest */
export type Ingested = z.infer<typeof ingestedSchema>
