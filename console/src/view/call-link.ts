import { useRouter, useRouterState } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useWindowWords } from './use-words.ts'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The step before this one is the list from which the call was opened. */
    readonly fromList?: boolean
  }
}

/** What a link of the list to a call says besides its address. */
export const fromList = { fromList: true } as const

/** Goes back to the list as it was left; whoever came another way gets the list of the same span of time. */
export function useBackToList(): () => void {
  const router = useRouter()
  const cameFromList = useRouterState({ select: ({ location }) => location.state.fromList === true })
  const span = useWindowWords()
  return useCallback(() => {
    if (cameFromList) router.history.back()
    else void router.navigate({ to: '/calls', search: span })
  }, [router, cameFromList, span])
}
