import type { SearchWords } from './search-text.ts'

/** A span of time as the address says it: `since` and `until` are `2d`, a day, or a moment; the server reads the same. */
export interface WindowView {
  readonly since: string | undefined
  readonly until: string | undefined
}

/** What the server takes when nothing is said. */
export const defaultSince = '2d'

/** The spans that are offered. */
export const spans = [
  ['15m', 'last 15 minutes'],
  ['1h', 'last hour'],
  ['6h', 'last 6 hours'],
  ['24h', 'last 24 hours'],
  ['2d', 'last 2 days'],
  ['7d', 'last 7 days'],
  ['30d', 'last 30 days'],
] as const

const relative = /^\d{1,6}[smhd]$/
const absolute = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Whether a text names a moment. */
export function isMoment(text: string): boolean {
  return relative.test(text) || (absolute.test(text) && !Number.isNaN(Date.parse(text)))
}

/** Reads the span of an address; what cannot be understood is named, never dropped in silence. */
export function readWindow(words: SearchWords): WindowView & { readonly ignored: readonly string[] } {
  const ignored: string[] = []
  const read = (name: 'since' | 'until') => {
    const text = words[name]
    if (text === undefined || isMoment(text)) return text
    ignored.push(`${name}=${text}`)
    return undefined
  }
  return { since: read('since'), until: read('until'), ignored }
}

/** The words of a span; the default is not written. */
export function writeWindow({ since, until }: WindowView): Record<string, string> {
  return {
    ...(since === undefined || (since === defaultSince && until === undefined) ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

/** Whether a span moves with the clock, so that a link to it shows something else tomorrow. */
export function isRelative({ since, until }: WindowView): boolean {
  return until === undefined || relative.test(until) || relative.test(since ?? defaultSince)
}

/** A span in words, where it has any. */
export function windowLabel({ since, until }: WindowView): string | undefined {
  if (until !== undefined) return undefined
  return spans.find(([text]) => text === (since ?? defaultSince))?.[1]
}
