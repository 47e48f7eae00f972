import { Button, Modal } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Reason } from '../../../src/app/api/schema/session.ts'
import { Trouble } from '../states/panel.tsx'
import type { Masked } from './reveal-rights.ts'

const kinds = [
  ['incident', 'Incident'],
  ['audit', 'Audit'],
  ['data_subject_request', 'Request of the person'],
  ['legal', 'Legal'],
  ['support', 'Support'],
] as const satisfies readonly (readonly [Reason['kind'], string])[]

/** As the server asks for it. */
const leastText = 10
const mostText = 500

interface DialogProps {
  readonly what: Masked
  readonly send: (reason: Reason) => Promise<void>
  readonly close: () => void
}

/** Asks why before anything is shown. */
export function RevealDialog({ what, send, close }: DialogProps) {
  const [kind, setKind] = useState<Reason['kind']>('incident')
  const [text, setText] = useState('')
  const [state, setState] = useState<{ readonly sending: boolean; readonly error?: Error }>({ sending: false })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setState({ sending: true })
    try {
      await send({ kind, text: text.trim() })
      close()
    } catch (cause) {
      setState({ sending: false, error: cause instanceof Error ? cause : new TypeError('unknown') })
    }
  }
  const short = text.trim().length < leastText
  return (
    <Modal
      opened
      onClose={close}
      title={what === 'identity' ? 'Show who it was' : 'Show what was said'}
      closeButtonProps={{ 'aria-label': 'Close without showing' }}
    >
      <form className="reason-form" onSubmit={(event) => void submit(event)}>
        <p>
          This read is written into the hub’s own journal before the answer is given: you, the call, and the reason.
        </p>
        <label>
          Reason
          <select
            value={kind}
            onChange={(event) => setKind(kinds.find(([one]) => one === event.target.value)?.[0] ?? 'incident')}
          >
            {kinds.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          In words, at least {leastText} characters
          <textarea
            rows={3}
            value={text}
            maxLength={mostText}
            required
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        {state.error === undefined ? null : <Trouble error={state.error} retry={() => setState({ sending: false })} />}
        <Button type="submit" disabled={short || state.sending}>
          {state.sending ? 'Asking' : 'Record and show'}
        </Button>
      </form>
    </Modal>
  )
}
