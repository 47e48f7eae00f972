import { isTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import type { Params } from './engine.ts'

/** ClickHouse codes of a bound that was reached: rows, result, time, speed, memory. */
const limitCodes: ReadonlySet<number> = new Set([158, 159, 160, 241, 307, 396])
/**
 * Codes found while a statement is analysed, before any row is read: their text names columns and functions.
 * Every other text may quote rows and is dropped.
 */
const analysisCodes: ReadonlySet<number> = new Set([
  10, 16, 36, 42, 43, 44, 46, 47, 53, 57, 60, 62, 63, 81, 82, 115, 179, 184, 215, 386, 456,
])

/**
 * The engine's error as ours. Its text may quote rows and bound values, so only its number and name are facts, and the
 * cause keeps the text of analysis errors alone, values cut out.
 */
export function storeError(cause: unknown, surface: string, params: Params = {}): TriptychError {
  if (isTriptychError(cause)) return cause
  const text = cause instanceof Error ? cause.message : ''
  if (isAbort(cause)) return abortedError(surface)
  const number = numberOf(cause, text)
  const facts = { surface, engineCode: number ?? 0, engineName: /\(([A-Z][A-Z0-9_]{2,63})\)/.exec(text)?.[1] ?? 'NONE' }
  if (number !== undefined && limitCodes.has(number)) return new TriptychError('STORE_LIMIT', facts)
  const harmless = number !== undefined && analysisCodes.has(number)
  return new TriptychError('STORE_FAILED', facts, harmless ? withoutValues(text, params) : undefined)
}

/** The reader gave up; there is no answer. */
export function abortedError(surface: string): TriptychError {
  return new TriptychError('STORE_FAILED', { surface, reason: 'aborted' })
}

/** True when the reader gave up, not the engine. */
function isAbort(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'ChdbAbortError')
}

function numberOf(cause: unknown, text: string): number | undefined {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? Number(cause.code) : Number.NaN
  if (Number.isInteger(code)) return code
  const found = /Code: (\d{1,4})\./.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

function withoutValues(text: string, params: Params): string {
  let safe = text
  for (const [name, value] of Object.entries(params)) {
    const values: readonly (string | number | boolean)[] = Array.isArray(value) ? value : [`${value}`]
    for (const one of values) if (String(one).length > 1) safe = safe.replaceAll(String(one), `{${name}}`)
  }
  return safe
}
