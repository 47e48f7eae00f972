import { useEffect, useState } from 'react'
import type { ContentAnswer, IdentityAnswer, Reason } from '../../../src/app/api/schema/session.ts'
import { apiUrl, sendJson } from '../api/request.ts'

const shownMs = 15 * 60_000

/** What was shown for a reason; it is forgotten after a quarter of an hour, and when the page is left. */
export function useReveal(key: string) {
  const [identity, setIdentity] = useState<IdentityAnswer>()
  const [content, setContent] = useState<ContentAnswer>()
  useEffect(() => {
    if (identity === undefined && content === undefined) return
    const timer = setTimeout(() => {
      setIdentity(undefined)
      setContent(undefined)
    }, shownMs)
    return () => clearTimeout(timer)
  }, [identity, content])
  const url = (what: string) => apiUrl(`/calls/${encodeURIComponent(key)}/${what}`)
  return {
    identity,
    content,
    reveal: async (what: 'identity' | 'content', reason: Reason) => {
      if (what === 'identity') setIdentity(await sendJson<IdentityAnswer>('POST', url(what), reason))
      else setContent(await sendJson<ContentAnswer>('POST', url(what), reason))
    },
    hide: () => {
      setIdentity(undefined)
      setContent(undefined)
    },
  }
}
