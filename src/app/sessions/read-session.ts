import type { ReadAnswer } from '../../capture/content/conversation/answer.ts'
import type { SpokenRow } from '../../evidence/store/queries/sessions.ts'
import type { ConversationAnswer } from '../api/schema/conversation.ts'
import { type OpenBody, type ReadCall, readConversation } from './read-conversation.ts'
import { showBlocks } from './show-blocks.ts'

type Entry = ConversationAnswer['entries'][number]

const callsAtOnce = 100

/** What a stretch of a session's calls added. Those before `from` are read too: what they said is not said again. */
export async function readSession(rows: readonly SpokenRow[], from: number, open: OpenBody): Promise<Entry[]> {
  const entries: Entry[] = []
  let n = 0
  for await (const call of readConversation(rows.slice(0, from + callsAtOnce), open))
    if (n++ >= from) entries.push(entryOf(call))
  return entries
}

function entryOf({ row, added, readable, missing }: ReadCall): Entry {
  return {
    call: row.key,
    at: row.at,
    model: row.model,
    agent: row.agent,
    history: readable ? added.history : 'unknown',
    repeated: added.repeated,
    system: added.system === undefined ? null : showBlocks(added.system),
    tools: added.tools === undefined ? null : [...added.tools],
    added: added.added.map(({ role, blocks }) => ({ role, blocks: showBlocks(blocks) })),
    answer: answerOf(added.answer),
    missing: [...missing],
  }
}

function answerOf(answer: ReadAnswer | undefined): Entry['answer'] {
  if (answer === undefined) return null
  const { blocks, stopReason, whole, guardrail } = answer
  return { blocks: showBlocks(blocks), stopReason, whole, guardrail }
}
