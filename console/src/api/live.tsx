import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { LiveFeed, type LiveState } from './live-feed.ts'
import { apiUrl } from './request.ts'

const LiveContext = createContext(new LiveFeed())

/** Keeps the one live stream open below it. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [feed] = useState(() => new LiveFeed())
  const queries = useQueryClient()
  useEffect(() => feed.open(() => new EventSource(apiUrl('/live'))), [feed])
  useEffect(() => feed.beginAnew(() => void queries.invalidateQueries()), [feed, queries])
  return <LiveContext value={feed}>{children}</LiveContext>
}

/** How the stream stands. */
export function useLiveState(): LiveState {
  const feed = use(LiveContext)
  return useSyncExternalStore(
    (watcher) => feed.watch(watcher),
    () => feed.state,
  )
}

/** Calls `take` for every call that is judged; give it the same function from render to render. */
export function useLiveCalls(take: (call: CallAnswer) => void): void {
  const feed = use(LiveContext)
  useEffect(() => feed.take(take), [feed, take])
}
