/** One row per error: what it says, what to do, and how the edges translate it (HTTP status, exit code). */
export interface ErrorRow {
  readonly http: number
  readonly exit: number
  readonly says: string
  readonly fix: string
}
