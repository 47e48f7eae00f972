import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AwsError } from './aws-error.ts'
import { parseJson } from './lines.ts'
import { Random } from './random.ts'

/** A tool that the model wants called. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

/** What a model answers: one text, sometimes a tool call, and what it cost. */
export interface Answer {
  readonly id: string
  readonly text: string
  readonly tool: ToolCall | undefined
  readonly stopReason: 'end_turn' | 'max_tokens' | 'tool_use'
  readonly usage: {
    readonly input: number
    readonly output: number
    readonly cacheRead: number
    readonly cacheWrite: number
  }
}

const message = z.looseObject({ role: z.string(), content: z.unknown() })
const askedOfInvoke = z.looseObject({
  messages: z.array(message).min(1),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
})
const invokeBody = askedOfInvoke.extend({ max_tokens: z.number().int().positive() })
const askedOfConverse = z.looseObject({
  messages: z.array(message).min(1),
  system: z.unknown().optional(),
  toolConfig: z.unknown().optional(),
})
const converseBody = askedOfConverse.extend({
  inferenceConfig: z.looseObject({ maxTokens: z.number().int().positive().optional() }).optional(),
})
const countBody = z.looseObject({
  input: z.looseObject({
    invokeModel: z.looseObject({ body: z.string() }).optional(),
    converse: z.unknown().optional(),
  }),
})

/** The answer to an InvokeModel body (Anthropic Messages). Throws ValidationException. */
export function answerInvoke(body: unknown, base: string): Answer {
  const { messages, system, max_tokens, tools } = parse(invokeBody, body)
  const tool = tools?.find((one) => one.name !== undefined)?.name
  const wish = wishIn(messages.at(-1)?.content)
  const asked = tools?.some((one) => one.name === wish?.name) === true ? wish : undefined
  return answer({ base, messages, system }, max_tokens, tool, JSON.stringify({ messages, system, tools }), asked)
}

/** The answer to a Converse body. Throws ValidationException. */
export function answerConverse(body: unknown, base: string): Answer {
  const { messages, system, inferenceConfig, toolConfig } = parse(converseBody, body)
  const input = JSON.stringify({ messages, system, toolConfig })
  return answer({ base, messages, system }, inferenceConfig?.maxTokens ?? 1024, undefined, input)
}

/** What a CountTokens body (an InvokeModel body in base 64, or a Converse body) counts for. Throws ValidationException. */
export function countOf(body: unknown): number {
  const { invokeModel, converse } = parse(countBody, body).input
  if (invokeModel === undefined) {
    const { messages, system, toolConfig } = parse(askedOfConverse, converse)
    return countTokens(JSON.stringify({ messages, system, toolConfig }))
  }
  const inner = parseJson(Buffer.from(invokeModel.body, 'base64').toString('utf8'))
  const { messages, system, tools } = parse(askedOfInvoke, inner)
  return countTokens(JSON.stringify({ messages, system, tools }))
}

/** How many tokens a text counts for: about four characters each. */
function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4))
}

/** The same question gets the same answer, whoever asks and by whatever route. */
function answer(
  asked: unknown,
  maxTokens: number,
  toolName: string | undefined,
  input: string,
  wish?: Omit<ToolCall, 'id'>,
): Answer {
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest()
  const random = new Random(hash.readUInt32BE(0))
  const wanted = random.between(12, 220)
  const output = Math.min(wanted, maxTokens)
  const words = Array.from({ length: output }, () => random.pick(vocabulary))
  const byChance = toolName !== undefined && random.chance(0.3) && wanted <= maxTokens
  const call = wish ?? (byChance ? { name: toolName, input: { path: 'src/main.ts' } } : undefined)
  const tool = call === undefined ? undefined : { id: `toolu_bdrk_${hash.toString('hex', 4, 16)}`, ...call }
  const total = countTokens(input)
  const cached = input.includes('"cache_control"')
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

const wishForm = /Call the tool (\w{1,64}) with (\{.*\})/

/** `Call the tool Bash with {"command":"echo hi"}` in what was asked last: the model does as it is told. */
function wishIn(content: unknown): Omit<ToolCall, 'id'> | undefined {
  const blocks = Array.isArray(content) ? content : [{ type: 'text', text: content }]
  for (const block of blocks) {
    const [, name, input] = wishForm.exec(String(block?.text ?? '')) ?? []
    const parsed = input === undefined ? undefined : parseJson(input)
    if (name !== undefined && parsed !== undefined) return { name, input: parsed }
  }
  return undefined
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { error } = parsed
  throw new AwsError(
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
