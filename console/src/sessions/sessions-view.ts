import type { SearchWords } from '../view/search-text.ts'
import { readWindow, type WindowView, writeWindow } from '../view/window-view.ts'

/** What a list of sessions shows, as its address says it; '' is everybody. */
export interface SessionsView {
  readonly window: WindowView
  readonly person: string
  readonly team: string
}

const known = new Set(['since', 'until', 'person', 'team'])

/** Reads an address; what cannot be understood is named in `ignored`. */
export function readSessionsView(words: SearchWords): SessionsView & { readonly ignored: readonly string[] } {
  const { ignored, ...window } = readWindow(words)
  const strange = Object.entries(words).flatMap(([name, value]) => (known.has(name) ? [] : [`${name}=${value}`]))
  return { window, person: words['person'] ?? '', team: words['team'] ?? '', ignored: [...ignored, ...strange] }
}

/** The words of a view. */
export function writeSessionsView({ window, person, team }: SessionsView): Record<string, string> {
  return { ...writeWindow(window), ...(person === '' ? {} : { person }), ...(team === '' ? {} : { team }) }
}

/** The same as the server takes it. */
export function sessionParams({ window, person, team }: SessionsView): Record<string, string> {
  const { since, until } = window
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(person === '' ? {} : { person }),
    ...(team === '' ? {} : { team }),
  }
}
