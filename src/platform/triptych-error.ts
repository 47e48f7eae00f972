import { type ErrorCode, errorTable } from './error-table.ts'

/** Safe scalars of our own vocabulary (ids, counts, field names). Never a payload, a header, a token or a name. */
export type Facts = Readonly<Record<string, string | number | boolean>>

/** The one error type. Match on `code`; `message` is the table's constant sentence and the facts. */
export class TriptychError extends Error {
  override readonly name = 'TriptychError'
  readonly code: ErrorCode
  readonly facts: Facts

  constructor(code: ErrorCode, facts: Facts = {}, cause?: unknown) {
    super(describe(code, facts), cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
  }

  /** What the person can do about it. */
  get fix(): string {
    return errorTable[this.code].fix
  }
}

/** Whether a text is the code of one of our errors. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text)
}

/** True for our error, optionally of one code. */
export function isTriptychError(value: unknown, code?: ErrorCode): value is TriptychError {
  return value instanceof TriptychError && (code === undefined || value.code === code)
}

/** Our errors pass; anything else becomes `fallback` with the original as cause. */
export function asTriptychError(value: unknown, fallback: ErrorCode = 'INTERNAL', facts: Facts = {}): TriptychError {
  return isTriptychError(value) ? value : new TriptychError(fallback, facts, value)
}

/** The errno of a file-system or socket error (`ENOSPC`, `EADDRINUSE`), else undefined. */
export function errnoOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined
  return typeof value.code === 'string' ? value.code : undefined
}

function describe(code: ErrorCode, facts: Facts): string {
  const named = Object.entries(facts).map(([key, value]) => `${key}=${value}`)
  const says = `${code}: ${errorTable[code].says}`
  return named.length === 0 ? says : `${says} (${named.join(', ')})`
}
