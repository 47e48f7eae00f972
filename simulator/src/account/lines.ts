import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { z } from 'zod'

/**
 * The lines of a file that have their form. One that a killed process left half written is passed over, and closed, so
 * that the next line does not run into it.
 */
export function readLines<T extends z.ZodType>(path: string, schema: T): readonly z.output<T>[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n')
  return text.split('\n').flatMap((line) => {
    const parsed = schema.safeParse(parseJson(line))
    return parsed.success ? [parsed.data] : []
  })
}

/** The value of a JSON text; undefined for anything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
