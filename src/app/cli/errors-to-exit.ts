import { errorTable } from '../../platform/error-table.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'

/** The only place where an error becomes an exit code and a sentence on stderr. */
export function toExit(cause: unknown): { readonly code: number; readonly text: string } {
  const error = asTriptychError(cause)
  const row = errorTable[error.code]
  const where = error.code === 'INTERNAL' ? placeOf(error.cause) : ''
  return { code: row.exit, text: `triptych: ${error.message}${where}\n  what to do: ${row.fix}\n` }
}

/** Kind and place of an error that is not ours; its text may hold anything and stays out. */
function placeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  const frame = cause.stack?.split('\n').find((line) => line.includes('/dist/') || line.includes('/src/'))
  return ` [${cause.name}${frame === undefined ? '' : frame.replace(/^\s*at /, ' at ')}]`
}
