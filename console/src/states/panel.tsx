import type { ReactNode } from 'react'
import { ApiProblem } from '../api/problem.ts'
import { TimeText } from '../time/zone.tsx'
import { PanelBoundary } from './panel-boundary.tsx'
import { Skeleton } from './skeleton.tsx'
import { Failed, NoRight } from './states.tsx'

/** What a panel needs to know of a query. */
export interface Asked<T> {
  readonly data: T | undefined
  readonly error: Error | null
  readonly isFetching: boolean
  readonly refetch: () => unknown
}

interface PanelProps<T> {
  readonly title: string
  readonly asked: Asked<T>
  readonly rows?: number
  readonly aside?: ReactNode
  readonly className?: string
  readonly children: (data: T) => ReactNode
}

/** A part of a page with its own loading, its own failure and its own stamp. Under an error no old numbers are left standing. */
export function Panel<T extends { readonly asOf?: string }>({
  title,
  asked,
  rows = 4,
  aside,
  className = '',
  children,
}: PanelProps<T>) {
  const { data, error } = asked
  const shown = error === null ? data : undefined
  return (
    <section className={`panel ${className}`} aria-busy={asked.isFetching}>
      <div className="panel-head">
        <h2>{title}</h2>
        {aside}
        {shown?.asOf === undefined ? null : (
          <p className="stamp">
            as of <TimeText at={shown.asOf} clock />
          </p>
        )}
      </div>
      <PanelBoundary>
        {error === null ? null : <Trouble error={error} retry={() => void asked.refetch()} />}
        {shown === undefined && error === null ? <Skeleton rows={rows} label={`${title} is loading`} /> : null}
        {shown === undefined ? null : children(shown)}
      </PanelBoundary>
    </section>
  )
}

/** Says why something could not be shown. */
export function Trouble({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  const problem = error instanceof ApiProblem ? error : brokenAnswer
  return problem.code === 'ROLE_REQUIRED' ? <NoRight problem={problem} /> : <Failed problem={problem} retry={retry} />
}

const brokenAnswer = new ApiProblem({
  status: 0,
  title: 'the answer could not be read',
  code: 'CONSOLE_ANSWER',
  fix: 'reload the page: hub and console may be of two versions',
  facts: {},
})
