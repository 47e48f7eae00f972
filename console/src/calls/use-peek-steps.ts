import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { useShortcuts } from '../shell/shortcuts.ts'
import { fromList } from '../view/call-link.ts'
import type { CallsView } from '../view/calls-view.ts'
import { useWindowWords } from '../view/use-words.ts'

interface Parts {
  readonly view: CallsView
  readonly change: (over: Partial<CallsView>, how?: 'push' | 'replace') => void
  readonly undoZoom: () => boolean
}

/** Walks the rows in exactly the order in which they stand, by J and K, and gives the focus back when the peek is closed. */
export function usePeekSteps({ view, change, undoZoom }: Parts) {
  const navigate = useNavigate()
  const span = useWindowWords()
  const [keys, setKeys] = useState<readonly string[]>([])
  const [focused, setFocused] = useState<{ readonly key: string }>()
  const { peek } = view
  const step = useCallback(
    (by: 1 | -1) => {
      const at = peek === undefined ? -1 : keys.indexOf(peek)
      const next = keys[peek === undefined ? 0 : Math.min(Math.max(at + by, 0), keys.length - 1)]
      if (next === undefined) return
      // The first look is a step of the history, walking on is not.
      change({ peek: next }, peek === undefined ? 'push' : 'replace')
      setFocused({ key: next })
    },
    [keys, peek, change],
  )
  const close = useCallback(() => {
    if (peek === undefined) return
    change({ peek: undefined })
    setFocused({ key: peek })
  }, [peek, change])
  const open = useCallback(
    (key: string) => change({ peek: key }, peek === undefined ? 'push' : 'replace'),
    [change, peek],
  )
  useShortcuts(
    useMemo(
      () => ({
        j: () => step(1),
        k: () => step(-1),
        escape: () => {
          if (peek === undefined) undoZoom()
          else close()
        },
        ...(peek === undefined
          ? {}
          : {
              enter: () => void navigate({ to: '/calls/$key', params: { key: peek }, search: span, state: fromList }),
            }),
      }),
      [step, close, peek, navigate, span, undoZoom],
    ),
  )
  return { keys, setKeys, focused, step, open, close }
}
