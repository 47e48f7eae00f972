import type { z } from 'zod'

/** Who asks, for the engine's own log: `api.calls`, `corroborate`. Lower-case words, dots and dashes, at most 64 characters. */
export interface QueryTag {
  readonly surface: string
}

/** Values for `{name:Type}` placeholders. Values never enter a statement's text. */
export type Params = Readonly<Record<string, string | number | boolean | readonly string[] | readonly number[]>>

/** Bounds of one query. */
export interface QueryOptions {
  readonly signal?: AbortSignal
  /** Default 30. */
  readonly maxSeconds?: number
  /** Default 2 GB. */
  readonly maxMemoryBytes?: number
}

/** A query: how a row is read, the statement, its values, who asks, and its bounds. */
export type QueryArguments<Row> = readonly [
  schema: z.ZodType<Row>,
  sql: string,
  params: Params,
  tag: QueryTag,
  options?: QueryOptions,
]

/**
 * ClickHouse SQL, in this process or on a server. 64-bit integers arrive as strings and are read with `wholeNumber`;
 * times arrive and are taken in as ISO 8601; an outer join fills with NULL. A statement carries neither FORMAT nor an
 * outermost SETTINGS: the engine adds both. Plain table names are those of the database `triptych`.
 */
export interface Engine {
  readonly kind: 'embedded' | 'server'

  /**
   * Streams rows, each validated. Rows seen before an error are not an answer: only the end of the iteration makes
   * them one. Throws STORE_LIMIT for a bound that was reached, else STORE_FAILED.
   */
  query<Row>(...query: QueryArguments<Row>): AsyncIterable<Row>

  /** All rows of a query; all or an error. */
  rows<Row>(...query: QueryArguments<Row>): Promise<readonly Row[]>

  /** DDL, INSERT … SELECT, ALTER. No rows, no time limit. */
  command(sql: string, params?: Params): Promise<void>

  /**
   * Rows in column names. A batch that was cut off is completed by the same call again: rows of one key and revision are one in
   * every view.
   * @param table a table of ours, by its plain name
   */
  insert(table: string, rows: readonly object[]): Promise<void>

  /** Waits for what runs, then lets go. Statements after it fail. */
  close(): Promise<void>
}

/** All rows of a query, or its error. */
export async function allRows<Row>(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

/** The database that holds every table of ours. */
export const databaseName = 'triptych'
