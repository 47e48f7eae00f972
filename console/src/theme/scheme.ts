/** Light, dark, or what the system says. */
export type Scheme = 'light' | 'dark' | 'auto'

const kept = 'triptych.scheme'

/** What was chosen here last. */
export function chosenScheme(): Scheme {
  const text = localStorage.getItem(kept)
  return text === 'light' || text === 'dark' ? text : 'auto'
}

/** Keeps the choice. */
export function keepScheme(scheme: Scheme): void {
  localStorage.setItem(kept, scheme)
}

/** Light or dark, whichever is shown now. */
export function shownScheme(scheme: Scheme): 'light' | 'dark' {
  if (scheme !== 'auto') return scheme
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Sets it before the first paint, so that nothing flashes. */
export function applyScheme(scheme: Scheme): void {
  document.documentElement.setAttribute('data-mantine-color-scheme', shownScheme(scheme))
}
