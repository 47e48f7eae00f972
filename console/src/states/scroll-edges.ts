/** Towards which side a box can be scrolled. */
export type Edge = 'left' | 'right' | 'up' | 'down'

interface Box {
  readonly scrollLeft: number
  readonly scrollTop: number
  readonly scrollWidth: number
  readonly scrollHeight: number
  readonly clientWidth: number
  readonly clientHeight: number
}

/** Where more of a box lies than is in sight; a part of a pixel is nothing. */
export function edgesOf(box: Box): readonly Edge[] {
  return [
    ...(box.scrollLeft > 1 ? (['left'] as const) : []),
    ...(box.scrollWidth - box.clientWidth - box.scrollLeft > 1 ? (['right'] as const) : []),
    ...(box.scrollTop > 1 ? (['up'] as const) : []),
    ...(box.scrollHeight - box.clientHeight - box.scrollTop > 1 ? (['down'] as const) : []),
  ]
}

/**
 * Keeps a box a stop of the keyboard as long as it has something to scroll, and only then, and tells the style sheet in `data-more`
 * on which sides the rest lies. The answer ends it.
 */
export function watchEdges(box: HTMLElement): () => void {
  const look = () => {
    const edges = edgesOf(box)
    if (edges.length > 0) box.tabIndex = 0
    else box.removeAttribute('tabindex')
    box.dataset['more'] = edges.join(' ')
  }
  const sizes = new ResizeObserver(look)
  sizes.observe(box)
  for (const part of box.children) sizes.observe(part)
  box.addEventListener('scroll', look, { passive: true })
  return () => {
    sizes.disconnect()
    box.removeEventListener('scroll', look)
  }
}
