import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import type { ContentAnswer, IdentityAnswer } from '../../../src/app/api/schema/session.ts'
import { formatBytes } from '../number/format-number.ts'
import { TimeText } from '../time/zone.tsx'
import { InertText } from './inert-text-view.tsx'
import type { Reveal } from './use-reveal.ts'

/** What was shown for a reason, and under which record that stands. */
export function Revealed({ identity, content, hide }: Pick<Reveal, 'identity' | 'content' | 'hide'>) {
  return (
    <>
      {identity === undefined ? null : (
        <ShownPart
          title="Who it was"
          recordedAs={identity.answer.recordedAs}
          until={identity.until}
          hide={() => hide('identity')}
        >
          <Identity answer={identity.answer} />
        </ShownPart>
      )}
      {content === undefined ? null : (
        <ShownPart
          title="What was said"
          recordedAs={content.answer.recordedAs}
          until={content.until}
          hide={() => hide('content')}
        >
          <Content answer={content.answer} />
        </ShownPart>
      )}
    </>
  )
}

interface PartProps {
  readonly title: string
  readonly recordedAs: string
  readonly until: string
  readonly hide: () => void
  readonly children: ReactNode
}

/** It takes the focus when it appears: the button that asked for it is gone. */
function ShownPart({ title, recordedAs, until, hide, children }: PartProps) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => place.current?.focus(), [])
  return (
    <section ref={place} className="panel revealed" aria-label={`${title}, shown for a reason`} tabIndex={-1}>
      <div className="panel-head">
        <h2>{title}, shown for a reason</h2>
        <p className="secondary">
          this read is recorded as <span className="mono">{recordedAs}</span>; hidden again at{' '}
          <TimeText at={until} clock detail="minute" />
        </p>
        <Button onClick={hide}>Hide now</Button>
      </div>
      {children}
    </section>
  )
}

function Identity({ answer }: { readonly answer: IdentityAnswer }) {
  return (
    <dl className="pairs">
      <dt>Alias</dt>
      <dd className="mono">{answer.alias}</dd>
      <dt>Name</dt>
      <dd>{answer.name ?? 'not said by the identity provider'}</dd>
      <dt>E-mail</dt>
      <dd>{answer.email ?? 'not said by the identity provider'}</dd>
      <dt>Subject</dt>
      <dd className="mono">{answer.subject}</dd>
      <dt>Issuer</dt>
      <dd className="mono">{answer.issuer}</dd>
    </dl>
  )
}

function Content({ answer }: { readonly answer: ContentAnswer }) {
  if (answer.parts.length === 0) return <p>The invocation log holds no body of this call.</p>
  return answer.parts.map(({ part, state, bytes, text, shownBytes, sha256 }) => (
    <div key={`${part} ${sha256}`}>
      <h3>{part === 'input' ? 'Prompt' : 'Response'}</h3>
      <p className="secondary small">
        {formatBytes(shownBytes)} of {formatBytes(bytes)} shown
        {shownBytes < bytes ? ': the rest is not here' : ', all of it'} · {state}
        {sha256 === '' ? '' : ' · sha256 '}
        <span className="mono cell-text">{sha256}</span>
      </p>
      {text === '' ? (
        <p>Nothing is kept of it.</p>
      ) : (
        <InertText text={text} name={part === 'input' ? 'Prompt' : 'Response'} />
      )}
    </div>
  ))
}
