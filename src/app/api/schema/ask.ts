import { z } from 'zod'

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
      costMicroUsd: z.number(),
      unpriced: z.number(),
      firstAt: z.string(),
      lastAt: z.string(),
    }),
  ),
  evidence: z.string(),
  limits: z.array(z.string()),
})
/** GET /ask/:question */
export type AskAnswer = z.infer<typeof askSchema>
