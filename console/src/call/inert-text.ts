/** A stretch of a text: as it stands, or a character that would not be seen or would change what is seen, by its number. */
export interface TextPart {
  readonly text: string
  readonly escaped: boolean
}

// Control characters but tab and line feed, marks that turn the direction of writing, joiners and spaces without width.
const hidden = /[\p{Cc}\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu

/** Recorded text is data: every character that hides something is shown by its number. */
export function inertParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const found of text.matchAll(hidden)) {
    if (found[0] === '\n' || found[0] === '\t') continue
    if (found.index > from) parts.push({ text: text.slice(from, found.index), escaped: false })
    parts.push({ text: numberOf(found[0]), escaped: true })
    from = found.index + found[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), escaped: false })
  return parts
}

function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
