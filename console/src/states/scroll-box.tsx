import { useMergedRef } from '@mantine/hooks'
import type { ReactNode, Ref } from 'react'
import { watchEdges } from './scroll-edges.ts'

interface BoxProps {
  readonly name: string
  readonly children: ReactNode
  readonly className?: string
  readonly ref?: Ref<HTMLElement>
  readonly busy?: boolean
  readonly density?: string
}

/** What may be wider or longer than the page scrolls by itself; with the focus on it the keyboard scrolls it too. */
export function ScrollBox({ name, children, className = 'scroll-box', ref, busy, density }: BoxProps) {
  const merged = useMergedRef(watched, ref)
  return (
    <section ref={merged} className={className} aria-label={name} aria-busy={busy} data-density={density}>
      {children}
    </section>
  )
}

function watched(box: HTMLElement | null) {
  return box === null ? undefined : watchEdges(box)
}
