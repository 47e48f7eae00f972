import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ContentAnswer, IdentityAnswer, Reason } from '../../../src/app/api/schema/session.ts'
import { apiUrl, sendJson } from '../api/request.ts'
import type { Masked } from './reveal-rights.ts'

const shownMs = 15 * 60_000

/** What was shown for a reason, and until when. */
export interface Shown<Answer> {
  readonly answer: Answer
  readonly until: string
}

/** What of a call is shown now, and how to change it. */
export interface Reveal {
  readonly identity: Shown<IdentityAnswer> | undefined
  readonly content: Shown<ContentAnswer> | undefined
  readonly reveal: (what: Masked, reason: Reason) => Promise<void>
  readonly hide: (what: Masked) => void
}

/** Each is forgotten after a quarter of an hour of its own, and when the page is left. */
export function useReveal(key: string): Reveal {
  const [identity, setIdentity] = useForgotten<IdentityAnswer>()
  const [content, setContent] = useForgotten<ContentAnswer>()
  const reveal = useCallback(
    async (what: Masked, reason: Reason) => {
      const url = apiUrl(`/calls/${encodeURIComponent(key)}/${what}`)
      if (what === 'identity') setIdentity(await sendJson<IdentityAnswer>('POST', url, reason))
      else setContent(await sendJson<ContentAnswer>('POST', url, reason))
    },
    [key, setIdentity, setContent],
  )
  const hide = useCallback(
    (what: Masked) => {
      if (what === 'identity') setIdentity(undefined)
      else setContent(undefined)
    },
    [setIdentity, setContent],
  )
  return useMemo(() => ({ identity, content, reveal, hide }), [identity, content, reveal, hide])
}

function useForgotten<Answer>() {
  const [shown, setShown] = useState<Shown<Answer>>()
  useEffect(() => {
    if (shown === undefined) return
    const timer = setTimeout(() => setShown(undefined), Date.parse(shown.until) - Date.now())
    return () => clearTimeout(timer)
  }, [shown])
  const set = useCallback((answer: Answer | undefined) => {
    setShown(answer === undefined ? undefined : { answer, until: new Date(Date.now() + shownMs).toISOString() })
  }, [])
  return [shown, set] as const
}
