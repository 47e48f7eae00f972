// The model's answer: a pure function of the question, so equal requests get equal bytes.
import { createHash } from 'node:crypto'
import type { Model } from './models.ts'
import type { Prompt, PromptPart } from './prompt.ts'
import { Random } from './random.ts'

/** Token counts; `input` excludes what was read from or written to the cache. */
export interface Usage {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** A block of the answer. */
export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string; readonly pieces: readonly string[] }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Readonly<Record<string, string>> }

/** An answer with all that is said about it. Latencies in milliseconds. */
export interface Answer {
  readonly id: string
  readonly model: Model
  readonly blocks: readonly AnswerBlock[]
  readonly stopReason: 'end_turn' | 'max_tokens' | 'tool_use'
  readonly usage: Usage
  readonly firstByteMs: number
  readonly latencyMs: number
  /** Seed of the padding of stream frames. */
  readonly padSeed: string
}

const charsPerToken = 4
const tokens = (chars: number): number => Math.ceil(chars / charsPerToken)

const sentences = [
  'I read the file and the failing test, and the cause is the missing await in the retry loop.',
  'The change is small: the parser now keeps the last line even when no newline follows it.',
  'Here is the plan: first the schema, then the migration, then the reader that uses both.',
  'All 42 tests pass now; I also added a case for an empty list.',
  'The function returned early when the cache was cold, so the counter never moved.',
  'I would keep the old name for one release and mark it as deprecated.',
  'The query scans the whole table because the index does not cover the status column.',
  'Nothing else in the repository imports this module, so it can be removed safely.',
  'The timeout is in seconds here but in milliseconds at the caller.',
  'I left the public interface as it was and moved the state into the closure.',
] as const

/** Directives a test may put into the last user text: `[[sim:say TEXT]]`, `[[sim:words N]]`, `[[sim:tool]]`. */
function directive(prompt: Prompt, name: string): string | undefined {
  const last = prompt.turns.at(-1)?.parts.map((part) => part.text).join('\n') ?? ''
  return new RegExp(`\\[\\[sim:${name}(?: ([^\\]]*))?\\]\\]`).exec(last)?.slice(1).join('')
}

function writeText(prompt: Prompt, random: Random): string {
  const say = directive(prompt, 'say')
  const words = Number(directive(prompt, 'words') ?? Number.NaN)
  const count = Number.isFinite(words) ? Math.ceil(words / 15) : random.chance(0.7) ? random.between(1, 6) : random.between(7, 40)
  const text = Array.from({ length: count }, () => random.pick(sentences)).join(' ')
  return say === undefined ? text : `${say} ${text}`
}

function cut(text: string, random: Random): string[] {
  const pieces: string[] = []
  const size = Math.max(random.between(18, 60), Math.ceil(text.length / 80))
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size))
  return pieces
}

const length = (parts: readonly PromptPart[]): number => parts.reduce((sum, part) => sum + part.text.length, 0)

function cachedLength(parts: readonly PromptPart[]): number {
  const last = parts.findLastIndex((part) => part.cached)
  return length(parts.slice(0, last + 1))
}

/** Input tokens before caching is considered. */
export function countInput(prompt: Prompt): number {
  const turns = prompt.turns.reduce((sum, turn) => sum + length(turn.parts) + 12, 0)
  return tokens(prompt.toolChars + length(prompt.system) + turns) + 8
}

function countUsage(prompt: Prompt, output: number, random: Random): Usage {
  const total = countInput(prompt)
  const systemCached = prompt.system.some((part) => part.cached)
  const standing = systemCached ? prompt.toolChars + cachedLength(prompt.system) : prompt.toolsCached ? prompt.toolChars : 0
  const flat = prompt.turns.flatMap((turn) => turn.parts)
  const inTurns = cachedLength(flat)
  const upToMark = inTurns > 0 ? prompt.toolChars + length(prompt.system) + inTurns : standing
  const prefix = Math.min(tokens(upToMark), total - 1)
  const cold = prompt.turns.length === 1 && random.chance(0.25)
  const read = cold ? 0 : Math.min(tokens(prompt.turns.length > 1 ? Math.max(standing, upToMark * 0.9) : standing), prefix)
  return { input: total - prefix, output, cacheRead: read, cacheWrite: prefix - read }
}

function withinLimit(text: string, maxTokens: number): { text: string; cut: boolean } {
  const limit = maxTokens * charsPerToken
  return text.length > limit ? { text: text.slice(0, limit), cut: true } : { text, cut: false }
}

/** Answers a prompt. Depends on the model and the prompt alone: not on headers, time, region or request id. */
export function answer(prompt: Prompt, model: Model): Answer {
  const semantic = JSON.stringify([model.id, prompt.tools, prompt.system, prompt.turns, prompt.maxTokens])
  const digest = createHash('sha256').update(semantic).digest('hex')
  const random = new Random(digest)
  const written = withinLimit(writeText(prompt, random), prompt.maxTokens)
  const blocks: AnswerBlock[] = [{ type: 'text', text: written.text, pieces: cut(written.text, random) }]
  const wantsTool = prompt.tools.length > 0 && (random.chance(0.35) || directive(prompt, 'tool') !== undefined)
  const [firstTool, ...moreTools] = prompt.tools
  const tool = wantsTool && !written.cut && firstTool !== undefined
  if (tool) {
    const name = random.pick([firstTool, ...moreTools])
    const input = { path: `src/${random.pick(['parser', 'reader', 'store', 'queue'])}.ts`, reason: random.pick(sentences) }
    blocks.push({ type: 'tool_use', id: `toolu_bdrk_01${random.word(22)}`, name, input })
  }
  const toolChars = tool ? JSON.stringify(blocks.at(-1)).length : 0
  const output = Math.min(prompt.maxTokens, tokens(written.text.length + toolChars))
  const firstByteMs = random.between(180, 900)
  return {
    id: `msg_bdrk_01${random.word(22)}`,
    model,
    blocks,
    stopReason: tool ? 'tool_use' : written.cut ? 'max_tokens' : 'end_turn',
    usage: countUsage(prompt, output, random),
    firstByteMs,
    latencyMs: firstByteMs + output * 11,
    padSeed: digest,
  }
}
