import { errorTable } from '../../platform/error-table.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'

/** The only place where an error becomes an HTTP answer: problem details (RFC 9457) with our code. */
export function toProblem(cause: unknown): { readonly status: number; readonly body: Problem } {
  const error = asTriptychError(cause)
  const row = errorTable[error.code]
  return {
    status: row.http,
    body: {
      type: `urn:triptych:error:${error.code}`,
      title: row.says,
      status: row.http,
      code: error.code,
      fix: row.fix,
      facts: error.facts,
    },
  }
}

/** A problem as it goes over the wire. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly fix: string
  readonly facts: Readonly<Record<string, string | number | boolean>>
}
