import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AwsError } from './aws-error.ts'
import { Random } from './random.ts'

/** What a model answers: one text, sometimes a tool call, and what it cost. */
export interface Answer {
  readonly id: string
  readonly text: string
  readonly tool: { readonly id: string; readonly name: string } | undefined
  readonly stopReason: 'end_turn' | 'max_tokens' | 'tool_use'
  readonly usage: {
    readonly input: number
    readonly output: number
    readonly cacheRead: number
    readonly cacheWrite: number
  }
}

const invokeBody = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).min(1),
  max_tokens: z.number().int().positive(),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
})
const converseBody = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).min(1),
  system: z.unknown().optional(),
  inferenceConfig: z.object({ maxTokens: z.number().int().positive().optional() }).optional(),
})

/** The answer to an InvokeModel body (Anthropic Messages). Throws ValidationException. */
export function answerInvoke(body: unknown, base: string): Answer {
  const parsed = invokeBody.safeParse(body)
  if (!parsed.success) throw malformed(parsed.error)
  const { messages, system, max_tokens, tools } = parsed.data
  return answer(
    { base, messages, system },
    max_tokens,
    tools?.find((tool) => tool.name !== undefined)?.name,
    JSON.stringify(body),
  )
}

/** The answer to a Converse body. Throws ValidationException. */
export function answerConverse(body: unknown, base: string): Answer {
  const parsed = converseBody.safeParse(body)
  if (!parsed.success) throw malformed(parsed.error)
  const { messages, system, inferenceConfig } = parsed.data
  return answer({ base, messages, system }, inferenceConfig?.maxTokens ?? 1024, undefined, JSON.stringify(body))
}

/** How many tokens a body counts for: about four bytes each. */
export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4))
}

/** The same question gets the same answer, whoever asks and by whatever route. */
function answer(asked: unknown, maxTokens: number, toolName: string | undefined, body: string): Answer {
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest()
  const random = new Random(hash.readUInt32BE(0))
  const wanted = random.between(12, 220)
  const output = Math.min(wanted, maxTokens)
  const words = Array.from({ length: output }, () => random.pick(vocabulary))
  const tool =
    toolName !== undefined && random.chance(0.3) && wanted <= maxTokens
      ? { id: `toolu_bdrk_${hash.toString('hex', 4, 16)}`, name: toolName }
      : undefined
  const total = countTokens(body)
  const cached = body.includes('"cache_control"')
  const cacheRead = cached ? Math.floor(total * 0.7) : 0
  const cacheWrite = cached ? Math.floor(total * 0.1) : 0
  return {
    id: `msg_bdrk_${hash.toString('hex', 0, 12)}`,
    text: words.join(' '),
    tool,
    stopReason: tool !== undefined ? 'tool_use' : wanted > maxTokens ? 'max_tokens' : 'end_turn',
    usage: { input: Math.max(1, total - cacheRead - cacheWrite), output, cacheRead, cacheWrite },
  }
}

function malformed(error: z.ZodError): AwsError {
  return new AwsError(
    400,
    'ValidationException',
    `Malformed input request: ${error.issues[0]?.path.join('.') ?? 'body'}`,
  )
}

const vocabulary: readonly [string, ...string[]] = [
  'the',
  'function',
  'reads',
  'a',
  'file',
  'and',
  'returns',
  'its',
  'lines',
  'so',
  'that',
  'each',
  'test',
  'names',
  'one',
  'case',
  'of',
  'error',
  'while',
  'this',
  'branch',
  'keeps',
  'every',
  'value',
  'typed',
  'naïve',
  'résumé',
]
