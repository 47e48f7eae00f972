/** What stands behind the `?` of a page: names and values as they were typed. */
export type SearchWords = Readonly<Record<string, string>>

/** Reads a query string; of a name that comes twice the values are joined, as alternatives are. */
export function parseSearchText(text: string): Record<string, string> {
  const words: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const before = words[name]
    words[name] = before === undefined ? value : `${before},${value}`
  }
  return words
}

/** Writes it so that a person can read it: commas, colons and slashes stay as they are. */
export function searchText(words: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' ? [`${readable(name)}=${readable(value)}`] : [],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function readable(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(2C|3A|2F|40)/g, (escaped) => decodeURIComponent(escaped))
}
