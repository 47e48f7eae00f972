import { Button } from '@mantine/core'
import type { ContentAnswer, IdentityAnswer } from '../../../src/app/api/schema/session.ts'
import { formatBytes } from '../number/format-number.ts'
import { InertText } from './inert-text-view.tsx'

interface RevealedProps {
  readonly identity: IdentityAnswer | undefined
  readonly content: ContentAnswer | undefined
  readonly hide: () => void
}

/** What was shown for a reason, and under which record that stands. */
export function Revealed({ identity, content, hide }: RevealedProps) {
  if (identity === undefined && content === undefined) return null
  return (
    <section className="panel revealed" aria-label="Shown for a reason">
      <div className="panel-head">
        <h2>Shown for a reason</h2>
        <p className="secondary">
          this read is recorded as <span className="mono">{(content ?? identity)?.recordedAs}</span>; it is hidden again
          after 15 min
        </p>
        <Button onClick={hide}>Hide now</Button>
      </div>
      {identity === undefined ? null : (
        <dl className="pairs">
          <dt>Alias</dt>
          <dd className="mono">{identity.alias}</dd>
          <dt>Name</dt>
          <dd>{identity.name ?? 'not said by the identity provider'}</dd>
          <dt>E-mail</dt>
          <dd>{identity.email ?? 'not said by the identity provider'}</dd>
          <dt>Subject</dt>
          <dd className="mono">{identity.subject}</dd>
          <dt>Issuer</dt>
          <dd className="mono">{identity.issuer}</dd>
        </dl>
      )}
      {content?.parts.map(({ part, state, bytes, text, shownBytes, sha256 }) => (
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
      ))}
      {content !== undefined && content.parts.length === 0 ? (
        <p>The invocation log holds no body of this call.</p>
      ) : null}
    </section>
  )
}
