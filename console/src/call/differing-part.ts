/** A text in three: what it has in common with another at its beginning, what differs, and what is the same at its end. */
export function differingPart(text: string, other: string): readonly [before: string, differs: string, after: string] {
  const most = Math.min(text.length, other.length)
  let head = 0
  while (head < most && text[head] === other[head]) head += 1
  let tail = 0
  while (tail < most - head && text[text.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1
  return [text.slice(0, head), text.slice(head, text.length - tail), text.slice(text.length - tail)]
}
