import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'

const bound = z.number().int().positive()
const bodySchema = z.object({
  max_tokens: bound.optional(),
  inferenceConfig: z.object({ maxTokens: bound.optional() }).optional(),
})

/** The bound on output tokens that a request names: `max_tokens` of Anthropic's bodies, `inferenceConfig.maxTokens` of Converse. */
export function requestedTokens(body: Buffer): number | undefined {
  const parsed = bodySchema.safeParse(parseJson(body))
  return parsed.data?.max_tokens ?? parsed.data?.inferenceConfig?.maxTokens
}
