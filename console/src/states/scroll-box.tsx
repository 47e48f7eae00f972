import type { ReactNode, Ref } from 'react'

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
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it nobody scrolls by keyboard
    <section ref={ref} className={className} aria-label={name} aria-busy={busy} data-density={density} tabIndex={0}>
      {children}
    </section>
  )
}
