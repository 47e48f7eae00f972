import type { ConversationAnswer } from '../../../src/app/api/schema/conversation.ts'
import { countOf } from '../number/format-number.ts'

/** How a call stands to the ones before it, in words. */
export function historyWords({
  history,
  repeated,
}: Pick<ConversationAnswer['entries'][number], 'history' | 'repeated'>): string {
  const again = `${countOf(repeated, 'turn')} sent again`
  if (history === 'unknown') return 'what it sent could not be read'
  if (history === 'begins') return 'begins a thread'
  return history === 'rewritten' ? `history replaced on the way, ${again}` : again
}
