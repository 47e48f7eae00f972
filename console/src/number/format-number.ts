const grouped = new Intl.NumberFormat('en-GB')

/** A count in full up to six digits, beyond that `1.24 M`; whoever shows it gives the full value on demand. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 1_000_000) return grouped.format(value)
  const [unit, size] = Math.abs(value) < 1e9 ? (['M', 1e6] as const) : (['G', 1e9] as const)
  return `${(value / size).toFixed(2)} ${unit}`
}

/** The same with all its digits. */
export function formatWhole(value: number): string {
  return grouped.format(value)
}

/** A share that never rounds to all or nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return 'none'
  if (part === 0) return '0 %'
  if (part === whole) return '100 %'
  const percent = (part / whole) * 100
  if (percent < 0.01) return '< 0.01 %'
  return `${Math.min(percent, 99.99).toFixed(2)} %`
}

/** Bytes in the unit that fits: `912 B`, `4.2 kB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** `1 call`, `1,204 calls`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** First six and last four characters; what is short stays whole. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`
}
