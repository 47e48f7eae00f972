import { arrayElements, type JsonEntry, objectEntries } from '../../platform/json/object-entries.ts'

/** Lists whose elements a client sends again with every call of a conversation (Anthropic Messages and Converse requests). */
const repeated: ReadonlySet<string> = new Set(['messages', 'tools', 'system'])
const nested: ReadonlySet<string> = new Set(['toolConfig'])

/**
 * Where a body is cut so that equal messages, system prompts and tool schemas of two bodies are equal pieces: ascending offsets
 * within it. An element's piece begins with the comma before it. A body of any other form has none.
 */
export function cutPoints(body: Uint8Array): readonly number[] {
  const points: number[] = []
  for (const entry of objectEntries(body) ?? []) collect(body, entry, points)
  return points.filter((point) => point > 0 && point < body.length)
}

function collect(body: Uint8Array, { key, start }: JsonEntry, points: number[]): void {
  if (nested.has(key)) {
    for (const member of objectEntries(body, start) ?? []) collect(body, member, points)
    return
  }
  const elements = repeated.has(key) ? arrayElements(body, start) : undefined
  if (elements === undefined) return
  points.push(start + 1, ...elements.map(({ end }) => end))
}
