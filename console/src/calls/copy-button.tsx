import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'

const shownMs = 2_000

interface CopyProps {
  readonly text: string
  readonly what: string
  /** Printed beside the sign. */
  readonly label?: string
}

/** Copies a text and says that it did. */
export function CopyButton({ text, what, label }: CopyProps) {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready')
  const copy = async () => {
    const answer = await navigator.clipboard.writeText(text).then(
      () => 'copied' as const,
      () => 'refused' as const,
    )
    setState(answer)
    setTimeout(() => setState('ready'), shownMs)
  }
  const Icon = state === 'copied' ? IconCheck : IconCopy
  return (
    <button
      type="button"
      className={label === undefined ? 'icon-button' : 'text-button'}
      onClick={() => void copy()}
      aria-label={label === undefined ? `Copy ${what}` : undefined}
    >
      <Icon size={15} aria-hidden="true" />
      {label}
      <span className={label === undefined ? 'hidden' : undefined} role="status">
        {state === 'copied' ? ' copied' : state === 'refused' ? ' the browser did not allow it' : ''}
      </span>
    </button>
  )
}
