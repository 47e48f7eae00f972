import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import type { CallAnswer, CallsAnswer } from '../../../src/app/api/schema/call.ts'
import type { Verdict } from '../../../src/record/verdict.ts'
import { callsQuery, type Selection } from '../api/queries.ts'

/** More rows than this are not fetched only to be put in order. */
export const mostSorted = 2_000

type Pages = InfiniteData<CallsAnswer, string | null>

/** The rows of a list as far as they were fetched, and what can be done with them. */
export function useCallList(selection: Selection, sorted: boolean, total: number | undefined) {
  const client = useQueryClient()
  const options = useMemo(() => callsQuery(selection), [selection])
  const query = useInfiniteQuery(options)
  const { data, hasNextPage, isFetching, fetchNextPage } = query
  const calls = useMemo(() => data?.pages.flatMap((page) => page.calls) ?? [], [data])
  const fetchAll = sorted && total !== undefined && total <= mostSorted
  useEffect(() => {
    if (fetchAll && hasNextPage && !isFetching) void fetchNextPage()
  }, [fetchAll, hasNextPage, isFetching, fetchNextPage])

  /** Looks again from the top: only the first page, what follows is fetched when it is scrolled to. */
  const renew = useCallback(async () => {
    client.setQueryData<Pages>(
      options.queryKey,
      (pages) => pages && { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) },
    )
    await client.invalidateQueries({ queryKey: options.queryKey, refetchType: 'all' })
  }, [client, options])

  /** Puts a call that was judged again into its row; answers what its verdict was, undefined when it is not among the rows. */
  const patch = useCallback(
    (call: CallAnswer): Verdict | undefined => {
      const pages = client.getQueryData<Pages>(options.queryKey)
      const row = pages?.pages.flatMap((page) => page.calls).find(({ key }) => key === call.key)
      if (pages === undefined || row === undefined) return undefined
      client.setQueryData<Pages>(options.queryKey, {
        ...pages,
        pages: pages.pages.map((page) => ({
          ...page,
          calls: page.calls.map((one) => (one.key === call.key ? call : one)),
        })),
      })
      return row.verdict
    },
    [client, options],
  )
  return { query, calls, renew, patch, fetchAll }
}
