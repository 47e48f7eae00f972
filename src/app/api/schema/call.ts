import { z } from 'zod'
import { verdicts } from '../../../record/verdict.ts'

// Calls as /api/v1 gives them. Times are RFC 3339 in UTC; a number that nobody measured is null, never 0.

const count = z.number().int().nonnegative()
const optionalCount = count.nullable()

/** Tokens of a call. */
export const tokensSchema = z.object({
  input: optionalCount,
  output: optionalCount,
  cacheRead: optionalCount,
  cacheWrite: optionalCount,
})

/** A field held side by side. `independent`: both say it of their own knowledge; `consistent`: one was told by the other. */
export const comparedSchema = z.object({
  field: z.string(),
  between: z.array(z.string()),
  agree: z.boolean(),
  strength: z.string(),
})

/** A call in a list: aliases and metadata, never a name and never what was said. */
export const callSchema = z.object({
  /** Names the row: the call id, or the AWS request id where there is none. */
  key: z.string(),
  at: z.string(),
  callId: z.string(),
  /** The gateway that logged it: a journal of ours (`gateway-gw01`), or another product’s log (`litellm:prod`); empty for none. */
  gateway: z.string(),
  awsRequestId: z.string(),
  alias: z.string(),
  principalArn: z.string(),
  team: z.string(),
  project: z.string(),
  /** The client's own session, a claim; empty where nobody told, `malformed` where it had another form. */
  session: z.string(),
  operation: z.string(),
  model: z.string(),
  region: z.string(),
  account: z.string(),
  verdict: z.enum(verdicts),
  previousVerdict: z.string(),
  findings: z.array(z.string()),
  /** The verdict in words, with what decided it. */
  reason: z.string(),
  compared: z.array(comparedSchema),
  seen: z.object({ access: z.boolean(), gateway: z.boolean(), content: z.boolean() }),
  tokens: tokensSchema,
  result: z.string(),
  httpStatus: z.number(),
  stopReason: z.string(),
  durationMs: optionalCount,
  firstByteMs: optionalCount,
  judgedAt: z.string(),
  simulated: z.boolean(),
})
/** A call in a list. */
export type CallAnswer = z.infer<typeof callSchema>

const spanned = {
  since: z.string(),
  until: z.string(),
  /** When the answer was made; rows judged later are not in it. */
  asOf: z.string(),
  simulated: z.boolean(),
}

/** GET /calls */
export const callsSchema = z.object({
  ...spanned,
  limit: z.number(),
  calls: z.array(callSchema),
  /** Give it back as `cursor` for what follows; null at the end. */
  next: z.string().nullable(),
})
/** GET /calls */
export type CallsAnswer = z.infer<typeof callsSchema>

/** The facets of a list of calls. */
export const facetNames = ['verdict', 'person', 'model', 'team', 'project', 'operation', 'account', 'region'] as const
/** One of them. */
export type FacetName = (typeof facetNames)[number]

/** GET /calls/facets: a facet's counts ignore its own selection; `total` is what the list holds under all filters. */
export const facetsSchema = z.object({
  ...spanned,
  total: count,
  facets: z.record(
    z.enum(facetNames),
    z.object({ values: z.array(z.object({ value: z.string(), calls: count })), more: count }),
  ),
})
/** GET /calls/facets */
export type FacetsAnswer = z.infer<typeof facetsSchema>

/** GET /calls/histogram: half-open buckets, each with its calls by verdict; all of them add up to the list. */
export const histogramSchema = z.object({
  ...spanned,
  bucketMs: count,
  buckets: z.array(z.object({ from: z.string(), calls: z.partialRecord(z.enum(verdicts), count) })),
})
/** GET /calls/histogram */
export type HistogramAnswer = z.infer<typeof histogramSchema>

/** GET /attention: calls somebody should look at, grouped by cause. */
export const attentionSchema = z.object({
  ...spanned,
  groups: z.array(
    z.object({
      verdict: z.enum(verdicts),
      /** The code of the finding that decided it, for a filter: `bypass:bearer_key`, `journal_hole`. */
      finding: z.string(),
      reason: z.string(),
      /** An alias, or the principal that AWS names. */
      who: z.string(),
      account: z.string(),
      region: z.string(),
      calls: count,
      firstAt: z.string(),
      lastAt: z.string(),
      /** One of them: a key to open. */
      sample: z.string(),
    }),
  ),
})
/** GET /attention */
export type AttentionAnswer = z.infer<typeof attentionSchema>
