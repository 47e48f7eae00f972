import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useRef } from 'react'
import { type CallsView, type Filters, readCallsView, writeCallsView } from '../view/calls-view.ts'
import { parseSearchText, searchText } from '../view/search-text.ts'
import { useWords } from '../view/use-words.ts'

/** The view that the address says, and how to change it: what is settled becomes a step of the history, typing does not. */
export function useCallsView() {
  const words = useWords()
  const navigate = useNavigate()
  const zooms = useRef(0)
  const { ignored, ...view } = useMemo(() => readCallsView(words), [words])
  // Rows and counts are asked for again only when window or filters change, not with every peek.
  const asked = searchText(writeCallsView({ window: view.window, filters: view.filters }))
  const selection = useMemo(() => {
    const { window, filters } = readCallsView(parseSearchText(asked))
    return { window, filters }
  }, [asked])
  const latest = useRef<CallsView>(view)
  latest.current = view
  const change = useCallback(
    (over: Partial<CallsView>, how: 'push' | 'replace' = 'push') =>
      void navigate({
        to: '/calls',
        search: writeCallsView({ ...latest.current, ...over }),
        replace: how === 'replace',
        resetScroll: false,
      }),
    [navigate],
  )
  const changeFilters = useCallback((filters: Filters, how?: 'replace') => change({ filters }, how), [change])
  const zoom = useMemo(
    () => ({
      into: (since: string, until: string) => {
        zooms.current += 1
        change({ window: { since, until } })
      },
      /** Goes back one zoom; false when there is none. */
      undo: () => {
        if (zooms.current === 0) return false
        zooms.current -= 1
        history.back()
        return true
      },
    }),
    [change],
  )
  return { view, ignored, selection, change, changeFilters, zoom }
}
