import { createHash } from 'node:crypto'
import type { ReadAnswer } from './answer.ts'
import type { ReadRequest, Turn } from './read-request.ts'

/** One call of a session, with what was read of its bodies. */
export interface SpokenCall {
  readonly key: string
  readonly request: ReadRequest | undefined
  readonly answer: ReadAnswer | undefined
}

/** What one call added to its session. */
export interface AddedByCall {
  readonly key: string
  /** Turns that no call before it had sent or been answered. */
  readonly added: readonly Turn[]
  /** How many turns it sent again. */
  readonly repeated: number
  /** How it stands to what came before: the first of a thread, one that goes on, or one whose history was replaced on the way. */
  readonly history: 'begins' | 'goes_on' | 'rewritten'
  /** The system prompt, where it is not the one of the call before it in the thread. */
  readonly system: ReadRequest['system'] | undefined
  readonly tools: readonly string[] | undefined
  readonly answer: ReadAnswer | undefined
}

/**
 * Reads a session once instead of once per call: a client sends its whole history with every call, and of each call only what no
 * earlier one had is kept. Threads of subagents keep apart by themselves, for their histories begin differently. Calls come in order.
 */
export class SessionStitch {
  /** Digests of every history so far: of its first turn, of its first two … */
  readonly #histories = new Set<string>()
  /** By the digest of their first turn: threads, and how long each was. */
  readonly #longest = new Map<string, number>()
  #system = ''
  #tools = ''

  add(call: SpokenCall): AddedByCall {
    const { key, request, answer } = call
    const turns = request?.turns ?? []
    const chain = chainOf(turns)
    const repeated = chain.findLastIndex((digest) => this.#histories.has(digest)) + 1
    const thread = chain[0] ?? ''
    const before = this.#longest.get(thread)
    this.#remember(chain, thread, turns, answer)
    return {
      key,
      added: turns.slice(repeated),
      repeated,
      history: repeated === 0 ? 'begins' : before !== undefined && repeated < before - 1 ? 'rewritten' : 'goes_on',
      ...this.#around(request),
      answer,
    }
  }

  #remember(chain: readonly string[], thread: string, turns: readonly Turn[], answer: ReadAnswer | undefined): void {
    for (const digest of chain) this.#histories.add(digest)
    if (answer !== undefined && answer.blocks.length > 0)
      this.#histories.add(next(chain.at(-1) ?? '', { role: 'assistant', blocks: answer.blocks }))
    this.#longest.set(thread, Math.max(this.#longest.get(thread) ?? 0, turns.length))
  }

  #around(request: ReadRequest | undefined): Pick<AddedByCall, 'system' | 'tools'> {
    if (request === undefined) return { system: undefined, tools: undefined }
    const system = JSON.stringify(request.system)
    const tools = request.tools.join(' ')
    const changed = {
      system: system === this.#system ? undefined : request.system,
      tools: tools === this.#tools ? undefined : request.tools,
    }
    this.#system = system
    this.#tools = tools
    return changed
  }
}

function chainOf(turns: readonly Turn[]): readonly string[] {
  const chain: string[] = []
  for (const turn of turns) chain.push(next(chain.at(-1) ?? '', turn))
  return chain
}

/** Without what a client leaves out when it sends an answer back: its reasoning, and blocks that nobody filled. */
function next(before: string, turn: Turn): string {
  const said = turn.blocks.filter((block) => block.kind !== 'thinking' && !(block.kind === 'text' && block.text === ''))
  return createHash('sha256')
    .update(before)
    .update(JSON.stringify([turn.role, said]))
    .digest('base64')
}
