import { useCallback, useEffect, useState } from 'react'
import type { ConversationAnswer } from '../../../src/app/api/schema/conversation.ts'
import type { Reason } from '../../../src/app/api/schema/session.ts'
import { apiUrl, sendJson } from '../api/request.ts'

const shownMs = 15 * 60_000

/** What is shown of a conversation now. */
export interface ShownConversation {
  readonly entries: ConversationAnswer['entries']
  readonly calls: number
  readonly next: number | null
  readonly recordedAs: string
  /** When it is forgotten. */
  readonly until: string
}

/** Reads a session for a reason, a stretch at a time; it is forgotten after a quarter of an hour, and when the page is left. */
export function useConversation(session: string, who: string) {
  const [shown, setShown] = useState<ShownConversation>()
  const [reason, setReason] = useState<Reason>()
  useEffect(() => {
    if (shown === undefined) return
    const timer = setTimeout(() => setShown(undefined), Date.parse(shown.until) - Date.now())
    return () => clearTimeout(timer)
  }, [shown])
  const read = useCallback(
    async (why: Reason, from: number, before: ConversationAnswer['entries']) => {
      const url = apiUrl(`/sessions/${encodeURIComponent(session)}/conversation`)
      const answer = await sendJson<ConversationAnswer>('POST', url, { ...why, who, from })
      if (answer === undefined) return
      const { entries, calls, next, recordedAs } = answer
      const until = new Date(Date.now() + shownMs).toISOString()
      setShown({ entries: [...before, ...entries], calls, next, recordedAs, until })
    },
    [session, who],
  )
  const reveal = useCallback(
    async (why: Reason) => {
      await read(why, 0, [])
      setReason(why)
    },
    [read],
  )
  const more = useCallback(async () => {
    if (reason !== undefined && shown !== undefined && shown.next !== null)
      await read(reason, shown.next, shown.entries)
  }, [read, reason, shown])
  const hide = useCallback(() => setShown(undefined), [])
  return { shown, reveal, more, hide }
}
