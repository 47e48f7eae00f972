import { errorTable } from '../../platform/error-table.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'

/** The only place where an error becomes an exit code and a sentence on stderr. */
export function toExit(cause: unknown): { readonly code: number; readonly text: string } {
  const error = asTriptychError(cause)
  const row = errorTable[error.code]
  return { code: row.exit, text: `triptych: ${error.message}\n  what to do: ${row.fix}\n` }
}
