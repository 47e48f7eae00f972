/** A piece of a sentence; `code` stood between backticks. */
export interface SentencePart {
  readonly text: string
  readonly code: boolean
  /** Where it begins. */
  readonly at: number
}

/** Takes a sentence of the hub apart at its backticks; one that is not closed stays as it is. */
export function codeParts(sentence: string): readonly SentencePart[] {
  const parts: SentencePart[] = []
  let at = 0
  for (const found of sentence.matchAll(/`([^`]+)`/g)) {
    if (found.index > at) parts.push({ text: sentence.slice(at, found.index), code: false, at })
    parts.push({ text: found[1] ?? '', code: true, at: found.index })
    at = found.index + found[0].length
  }
  if (at < sentence.length) parts.push({ text: sentence.slice(at), code: false, at })
  return parts
}
