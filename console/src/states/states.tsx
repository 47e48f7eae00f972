import { Button } from '@mantine/core'
import { IconAlertTriangle, IconFilterOff, IconLock, IconPlugConnected, IconZoomQuestion } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { ApiProblem } from '../api/problem.ts'
import { TimeText } from '../time/zone.tsx'
import { Sentence } from './sentence.tsx'

// Five states that are never the same picture.

interface StateProps {
  readonly title: string
  readonly children: ReactNode
}

/** Nothing is there yet: what to connect. */
export function NothingYet({ title, children }: StateProps) {
  return (
    <div className="state" data-state="nothing-yet">
      <IconPlugConnected size={28} stroke={1.5} aria-hidden="true" />
      <h3>{title}</h3>
      <div>{children}</div>
    </div>
  )
}

/** Something is there, the filters leave none of it: which to take away. */
export function NoMatch({ title, children }: StateProps) {
  return (
    <div className="state" data-state="no-match" role="status">
      <IconFilterOff size={28} stroke={1.5} aria-hidden="true" />
      <h3>{title}</h3>
      <div>{children}</div>
    </div>
  )
}

/** Nobody could see it: not the same as nothing. */
export function CannotKnow({ title, children }: StateProps) {
  return (
    <div className="state" data-state="cannot-know">
      <IconZoomQuestion size={28} stroke={1.5} aria-hidden="true" />
      <h3>{title}</h3>
      <div>{children}</div>
    </div>
  )
}

/** This session may not. */
export function NoRight({ problem }: { readonly problem: ApiProblem }) {
  const role = problem.facts['role']
  return (
    <div className="state" data-state="no-right" role="alert">
      <IconLock size={28} stroke={1.5} aria-hidden="true" />
      <h3>This session may not see it</h3>
      <p>
        {typeof role === 'string' ? (
          <>
            It needs the role <strong>{role}</strong>.{' '}
          </>
        ) : null}
        Whoever runs the hub grants roles: <Sentence text={problem.fix} />.
      </p>
    </div>
  )
}

/** It failed: what, since when, and what to do. */
export function Failed({ problem, retry }: { readonly problem: ApiProblem; readonly retry: () => void }) {
  const facts = Object.entries(problem.facts).filter(([, value]) => value !== undefined)
  return (
    <div className="state" data-state="failed" role="alert">
      <IconAlertTriangle size={28} stroke={1.5} aria-hidden="true" />
      <h3>
        Failed: <Sentence text={problem.message} />
      </h3>
      <p>
        <span className="mono">{problem.code}</span> at <TimeText at={problem.at} />
        {facts.map(([name, value]) => (
          <span key={name} className="mono">
            {' '}
            {name}={String(value)}
          </span>
        ))}
      </p>
      {problem.fix === '' ? null : (
        <p>
          What to do: <Sentence text={problem.fix} />.
        </p>
      )}
      <Button onClick={retry}>Try again</Button>
    </div>
  )
}
