import { answerInvoke } from '../account/answer.ts'
import { resolveModel } from '../account/models.ts'
import type { Random } from '../account/random.ts'

/** One side's words, as a Messages request holds them. */
export interface PastTurn {
  readonly role: 'user' | 'assistant'
  readonly content: readonly Readonly<Record<string, unknown>>[]
}

/** What a client remembers of a conversation: it sends all of it again with the next call. */
export interface Conversation {
  readonly session: string
  readonly past: PastTurn[]
}

/** A client compacts, or a person begins anew, before a history gets longer than this. */
const mostTurns = 16

/** The conversations of a company's people, each by a name. */
export class Conversations {
  readonly #random: Random
  readonly #open = new Map<string, Conversation>()

  constructor(random: Random) {
    this.#random = random
  }

  /** The one that is open under a name, or a new one. */
  of(name: string): Conversation {
    const open = this.#open.get(name)
    const goesOn = open !== undefined && open.past.length < mostTurns && !this.#random.chance(0.1)
    const conversation = goesOn ? open : { session: this.#random.uuid(), past: [] }
    this.#open.set(name, conversation)
    return conversation
  }
}

/** Notes what was asked and what the account answers to it, which it does the same way every time. */
export function noteExchange(conversation: Conversation, body: Readonly<Record<string, unknown>>, model: string): void {
  const asked = lastTurn(body)
  const { text, tool } = answerInvoke(body, resolveModel(model, 'us-east-1').base)
  const said = [{ type: 'text', text }, ...(tool === undefined ? [] : [{ type: 'tool_use', ...tool }])]
  conversation.past.push({ role: 'user', content: asked }, { role: 'assistant', content: said })
}

/** Without the cache marker, which moves on with the next turn. */
function lastTurn(body: Readonly<Record<string, unknown>>): PastTurn['content'] {
  const messages: unknown = body['messages']
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  const content: unknown = typeof last === 'object' && last !== null && 'content' in last ? last.content : []
  return Array.isArray(content) ? content.map(({ cache_control: _marker, ...block }) => block) : []
}
