import { randomUUID } from 'node:crypto'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { z } from 'zod'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { checkedRow } from '../checked-row.ts'
import {
  allRows,
  databaseName,
  type Engine,
  type Params,
  type QueryArguments,
  type QueryOptions,
  type QueryTag,
} from '../engine.ts'
import { storeError } from '../engine-error.ts'
import { identifier, insertSettings, querySettings } from '../statement.ts'

/** Where the server is and as whom to speak to it. */
export interface ServerAddress {
  /** `http(s)://host:port`, without credentials. */
  readonly url: string
  readonly username: string
  readonly password: string
}

/** A statement without an answer for so long is broken: longer than any bound a query may ask for. */
const answerWithinMs = 660_000

/** A ClickHouse server over HTTP(S). Throws STORE_UNAVAILABLE when it does not answer or refuses the user. */
export async function openServerEngine(address: ServerAddress): Promise<Engine> {
  const options = {
    ...address,
    application: 'triptych',
    request_timeout: answerWithinMs,
    // By itself the client writes failed statements, and what the server says of them, to the console.
    log: { level: ClickHouseLogLevel.OFF },
    // With kept connections (client 1.23.1) the end of an aborted query now and then cut off another one in mid-answer.
    keep_alive: { enabled: false },
  }
  const first = createClient(options)
  try {
    await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${databaseName} ENGINE = Atomic` })
  } catch (cause) {
    throw new TriptychError('STORE_UNAVAILABLE', { ...storeError(cause, 'open').facts })
  } finally {
    await first.close()
  }
  return new ServerEngine(createClient({ ...options, database: databaseName }))
}

class ServerEngine implements Engine {
  readonly kind = 'server'
  readonly #client: ClickHouseClient

  constructor(client: ClickHouseClient) {
    this.#client = client
  }

  async *query<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    params: Params,
    tag: QueryTag,
    options: QueryOptions = {},
  ): AsyncIterable<Row> {
    try {
      for await (const row of this.#stream(sql, params, tag, options)) yield checkedRow(schema, row, tag)
    } catch (cause) {
      throw storeError(cause, tag.surface, params)
    }
  }

  async *#stream(sql: string, params: Params, tag: QueryTag, options: QueryOptions): AsyncIterable<unknown> {
    const queryId = randomUUID()
    let ended = false
    try {
      const { signal } = options
      const result = await this.#client.query({
        query_id: queryId,
        query: sql,
        query_params: { ...params },
        format: 'JSONEachRow',
        clickhouse_settings: { ...querySettings(tag, options), cancel_http_readonly_queries_on_client_close: 1 },
        ...(signal === undefined ? {} : { abort_signal: signal }),
      })
      for await (const chunk of result.stream()) for (const row of chunk) yield row.json()
      signal?.throwIfAborted()
      ended = true
    } finally {
      if (!ended) this.#kill(queryId)
    }
  }

  /** A query without a row to send does not notice that its reader went away. Where this fails too, its time limit ends it. */
  #kill(queryId: string): void {
    this.#client
      .command({ query: 'KILL QUERY WHERE query_id = {id:String} ASYNC', query_params: { id: queryId } })
      .catch(() => undefined)
  }

  rows<Row>(...query: QueryArguments<Row>): Promise<readonly Row[]> {
    return allRows(this.query(...query))
  }

  async command(sql: string, params: Params = {}): Promise<void> {
    try {
      await this.#client.command({ query: sql, query_params: { ...params } })
    } catch (cause) {
      throw storeError(cause, 'command', params)
    }
  }

  async insert(table: string, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return
    try {
      await this.#client.insert({
        table: `${databaseName}.${identifier(table)}`,
        values: rows,
        format: 'JSONEachRow',
        clickhouse_settings: insertSettings,
      })
    } catch (cause) {
      throw storeError(cause, 'insert')
    }
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
