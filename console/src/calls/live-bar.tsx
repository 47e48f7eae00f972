import { Button } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useLiveState } from '../api/live.tsx'
import { liveWord } from '../api/live-feed.ts'
import { countOf } from '../number/format-number.ts'

interface LiveBarProps {
  readonly newer: number
  readonly told: number
  /** Why nothing is counted; undefined when it is. */
  readonly pausedWhy: string | undefined
  readonly canPause: boolean
  readonly toggle: () => void
  readonly show: () => void
}

/** What came since, and whether anybody is still listening: in words. */
export function LiveBar({ newer, told, pausedWhy, canPause, toggle, show }: LiveBarProps) {
  const state = useLiveState()
  const word = pausedWhy === undefined ? liveWord(state) : `Paused: ${pausedWhy}`
  return (
    <div className="live-bar">
      <span className="live-word" data-live={pausedWhy === undefined ? state.link : 'paused'}>
        {word}
      </span>
      {canPause ? (
        <button
          type="button"
          className="icon-button"
          onClick={toggle}
          aria-label={pausedWhy === undefined ? 'Pause' : 'Go on'}
        >
          {pausedWhy === undefined ? (
            <IconPlayerPause size={16} aria-hidden="true" />
          ) : (
            <IconPlayerPlay size={16} aria-hidden="true" />
          )}
        </button>
      ) : null}
      {newer === 0 ? null : <Button onClick={show}>{countOf(newer, 'newer call')} · show</Button>}
      <span className="hidden" aria-live="polite">
        {told === 0 ? '' : countOf(told, 'newer call')}
      </span>
    </div>
  )
}
