import { useRouterState } from '@tanstack/react-router'
import { useMemo } from 'react'
import { parseSearchText, type SearchWords } from './search-text.ts'
import { readWindow, type WindowView, writeWindow } from './window-view.ts'

/** The words behind the `?` of the page that is shown. */
export function useWords(): SearchWords {
  const text = useRouterState({ select: ({ location }) => location.searchStr })
  return useMemo(() => parseSearchText(text), [text])
}

/** The span of time of the page that is shown. */
export function useWindow(): WindowView {
  const words = useWords()
  return useMemo(() => {
    const { since, until } = readWindow(words)
    return { since, until }
  }, [words])
}

/** The span of time as words for a link to another page. */
export function useWindowWords(): Record<string, string> {
  const window = useWindow()
  return useMemo(() => writeWindow(window), [window])
}
