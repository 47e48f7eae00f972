import { z } from 'zod'

/** Whole hours by state; an hour counts by the worst moment in it. */
const hours = z.object({ complete: z.number(), blind: z.number(), unknown: z.number() })

/** GET /coverage */
export const coverageSchema = z.object({
  simulated: z.boolean(),
  since: z.string(),
  until: z.string(),
  asOf: z.string(),
  total: z.number(),
  verdicts: z.record(z.string(), z.number()),
  places: z.array(
    z.object({
      layer: z.enum(['access', 'content']),
      account: z.string(),
      region: z.string(),
      hours,
      /** Stretches of whole hours in one state, half-open. */
      spans: z.array(
        z.object({
          from: z.string(),
          until: z.string(),
          state: z.enum(['complete', 'blind', 'unknown']),
          why: z.string(),
        }),
      ),
    }),
  ),
  journals: z.array(
    z.object({
      source: z.string(),
      firstAt: z.string(),
      lastAt: z.string(),
      records: z.number(),
      holes: z.array(z.object({ afterSeq: z.number(), beforeSeq: z.number() })),
      /** Calls of this gateway that AWS knows and the journal does not. */
      lostCalls: z.number(),
    }),
  ),
  /** Logs of other products' gateways with calls in the span. */
  gatewayLogs: z.array(
    z.object({
      gateway: z.string(),
      calls: z.number(),
      /** How many name AWS's request id. */
      withRequestId: z.number(),
      firstAt: z.string(),
      lastAt: z.string(),
    }),
  ),
  /** Each layer as a whole: delivery is complete up to this moment, for its window is over; null when nothing was read yet. */
  completeUntil: z.object({
    access: z.string().nullable(),
    gateway: z.string().nullable(),
    content: z.string().nullable(),
  }),
})
/** GET /coverage */
export type CoverageAnswer = z.infer<typeof coverageSchema>
