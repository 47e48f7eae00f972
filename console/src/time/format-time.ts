/** In which zone times are shown; exports are UTC whatever is chosen. */
export const zones = ['utc', 'local', 'both'] as const
/** One of them. */
export type Zone = (typeof zones)[number]

const two = (value: number) => String(value).padStart(2, '0')
const three = (value: number) => String(value).padStart(3, '0')

/** How much of a time is written. */
export type Detail = 'second' | 'millisecond' | 'minute'

/** A moment with its zone: `2026-11-24 14:02:10Z`, `2026-11-24 15:02:10+01:00`, or both. */
export function formatMoment(iso: string, zone: Zone, detail: Detail = 'second'): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return 'unknown'
  if (zone === 'local') return local(at, detail)
  return zone === 'utc' ? utc(at, detail) : `${utc(at, detail)} (${local(at, detail)})`
}

/** The time of day alone, with its zone. */
export function formatClock(iso: string, zone: Zone, detail: Detail = 'second'): string {
  return formatMoment(iso, zone, detail).replaceAll(/\d{4}-\d{2}-\d{2} /g, '')
}

function utc(at: Date, detail: Detail): string {
  const text = at.toISOString()
  const ends = { minute: 16, second: 19, millisecond: 23 }[detail]
  return `${text.slice(0, 10)} ${text.slice(11, ends)}Z`
}

function local(at: Date, detail: Detail): string {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const seconds = detail === 'minute' ? '' : `:${two(at.getSeconds())}`
  const millis = detail === 'millisecond' ? `.${three(at.getMilliseconds())}` : ''
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}${seconds}${millis}${offset(at)}`
}

function offset(at: Date): string {
  const minutes = -at.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** A length of time as people say it: `842 ms`, `12.4 s`, `3 min 07 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace('.0', '')} s`
  if (ms < 3_600_000) return pair(ms, 60_000, 'min', 's', 2)
  return ms < 86_400_000 ? pair(ms, 3_600_000, 'h', 'min', 2) : pair(ms, 86_400_000, 'd', 'h', 1)
}

const below: Readonly<Record<string, number>> = { min: 60, h: 60, d: 24 }

function pair(ms: number, unit: number, big: string, small: string, digits: number): string {
  const parts = below[big] ?? 60
  const smalls = Math.floor(ms / (unit / parts))
  const rest = smalls % parts
  return `${Math.floor(smalls / parts)} ${big}${rest === 0 ? '' : ` ${String(rest).padStart(digits, '0')} ${small}`}`
}
