import { z } from 'zod'

/** GET /calls/:id/proof?as=json */
export const proofSchema = z.object({
  record: z.string(),
  source: z.string(),
  seq: z.number(),
  index: z.number(),
  size: z.number(),
  proof: z.string(),
})

/** GET /ledger/consistency: that the log of `from` entries is the beginning of the one of `to`; hashes in base64. */
export const consistencySchema = z.object({ from: z.number(), to: z.number(), proof: z.array(z.string()) })
/** GET /ledger/consistency */
export type ConsistencyAnswer = z.infer<typeof consistencySchema>
