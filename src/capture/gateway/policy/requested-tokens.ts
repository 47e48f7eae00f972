import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { Operation } from '../../../record/operation.ts'

const bound = z.number().int().positive()
const bodySchema = z.object({
  max_tokens: bound.optional(),
  inferenceConfig: z.object({ maxTokens: bound.optional() }).optional(),
  additionalModelRequestFields: z.object({ max_tokens: bound.optional() }).optional(),
})

/**
 * The bound on output tokens that a request names: `max_tokens` of Anthropic's bodies, `inferenceConfig.maxTokens` of Converse. A key
 * that stands more than once counts with its highest value, for nobody knows which one the other side takes.
 */
export function requestedTokens(operation: Operation, body: Buffer): number | undefined {
  if (operation === 'InvokeModel' || operation === 'InvokeModelWithResponseStream') {
    const found = scanned(body)
    if (found !== 'unsure') return found
  }
  const parsed = bodySchema.safeParse(parseJson(body)).data
  // Each API reads its own field: one of the other must not stand for it.
  if (operation !== 'Converse' && operation !== 'ConverseStream') return parsed?.max_tokens
  const own = parsed?.inferenceConfig?.maxTokens
  const passed = parsed?.additionalModelRequestFields?.max_tokens
  return own === undefined || passed === undefined ? own : Math.max(own, passed)
}

const key = Buffer.from('"max_tokens"')
const unicodeEscape = Buffer.from('\\u')
const backslash = 0x5c
const longestNumber = 24
const valueForm = /^\s{0,16}:\s{0,16}(\d{1,15})\s{0,16}[,}]/

/**
 * Reads the key off the bytes: parsing 85 KB of context for one number costs as much as hashing them. A quote within a text is
 * escaped, so a bare `"max_tokens"` is a key or a value; InvokeModel needs the key at the top. Where a key could be written another
 * way (`\u…`), or no number follows, the body has to be parsed.
 */
function scanned(body: Buffer): number | undefined | 'unsure' {
  if (body.includes(unicodeEscape)) return 'unsure'
  let highest: number | undefined
  for (let at = body.indexOf(key); at !== -1; at = body.indexOf(key, at + key.length)) {
    if (at > 0 && body[at - 1] === backslash) continue
    const end = at + key.length
    const value = valueForm.exec(body.toString('latin1', end, end + 2 * longestNumber + 34))?.[1]
    if (value === undefined) return 'unsure'
    highest = Math.max(highest ?? 0, Number(value))
  }
  return highest
}
