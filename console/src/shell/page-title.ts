import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { sessionQuery } from '../api/queries.ts'

/** The title of the window says page and program, and whether all of it is simulated. */
export function usePageTitle(page: string): void {
  const simulated = useQuery(sessionQuery).data?.simulated === true
  useEffect(() => {
    document.title = `${page} · Triptych${simulated ? ' (simulated)' : ''}`
  }, [page, simulated])
}
