import type { Session } from 'chdb'
import type { z } from 'zod'
import { ensureWritableDir } from '../../../platform/files.ts'
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
import { abortedError, storeError } from '../engine-error.ts'
import { identifier, insertSettings, querySettings, settingsClause, sqlLiteral } from '../statement.ts'
import { isHeldByOther } from './held-by-other.ts'
import { SessionPool } from './session-pool.ts'

type Chdb = typeof import('chdb')

/** Reads that run at once. Each occupies a libuv thread: start Node with UV_THREADPOOL_SIZE of 16. */
const readers = 6

/**
 * ClickHouse inside this process, which owns `directory` while it is open.
 * Throws DATA_DIR_LOCKED when another process has it, STORE_ENGINE_MISSING when the engine is not installed,
 * STORE_UNAVAILABLE when it does not start.
 */
export async function openEmbeddedEngine(directory: string): Promise<Engine> {
  const chdb = await loadChdb()
  await ensureWritableDir(directory)
  const keeper = openKeeper(chdb, directory)
  keeper.query(`CREATE DATABASE IF NOT EXISTS ${databaseName} ENGINE = Atomic`)
  return new EmbeddedEngine(chdb, keeper, () => openSession(chdb, directory))
}

class EmbeddedEngine implements Engine {
  readonly kind = 'embedded'
  readonly #chdb: Chdb
  /** Holds the directory between statements; it runs none itself. */
  readonly #keeper: Session
  readonly #openSession: () => Session
  readonly #pool: SessionPool
  readonly #writes = new Set<Promise<void>>()
  #closed = false
  #asked = 0

  constructor(chdb: Chdb, keeper: Session, openSession: () => Session) {
    this.#chdb = chdb
    this.#keeper = keeper
    this.#openSession = openSession
    this.#pool = new SessionPool(openSession, readers)
  }

  async *query<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    params: Params,
    tag: QueryTag,
    options: QueryOptions = {},
  ): AsyncIterable<Row> {
    const { signal } = options
    const label = `${tag.surface}#${++this.#asked}`
    const text = `${sql}\n${settingsClause({ ...querySettings(tag, options), log_comment: label })}`
    const session = await this.#pool.take()
    const kill = () => void this.#kill(label)
    signal?.addEventListener('abort', kill, { once: true })
    let failed = false
    try {
      signal?.throwIfAborted()
      // Only a bound stream keeps its rows to itself when it fails; the engine's other calls hand them to the next one.
      const stream = session.queryStreamBind(text, { ...params }, signal === undefined ? {} : { signal })
      for await (const chunk of stream) {
        for (const raw of chunk.rows()) yield checkedRow(schema, raw, tag)
      }
      // A stream that was aborted may end as if it were whole.
      signal?.throwIfAborted()
    } catch (cause) {
      failed = true
      throw signal?.aborted === true ? abortedError(tag.surface) : storeError(cause, tag.surface, params)
    } finally {
      signal?.removeEventListener('abort', kill)
      this.#pool.give(session, !failed)
    }
  }

  rows<Row>(...query: QueryArguments<Row>): Promise<readonly Row[]> {
    return allRows(this.query(...query))
  }

  command(sql: string, params: Params = {}): Promise<void> {
    return this.#write('command', params, async (session) => {
      await (Object.keys(params).length === 0 ? session.queryAsync(sql) : session.queryBindAsync(sql, { ...params }))
    })
  }

  insert(table: string, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return Promise.resolve()
    return this.#write('insert', {}, async (session) => {
      await session.insert({
        table: `${databaseName}.${identifier(table)}`,
        values: Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
        format: 'JSONEachRow',
        settings: insertSettings,
      })
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#pool.close()
    await Promise.allSettled(this.#writes)
    this.#keeper.close()
    await this.#chdb.drainPending()
  }

  /** Ends a query between two chunks too: the stream itself looks at its signal only when a chunk arrives. */
  async #kill(label: string): Promise<void> {
    const sql = `KILL QUERY WHERE Settings['log_comment'] = ${sqlLiteral(label)} ASYNC`
    // Failing that, the query ends at its own time limit.
    await this.command(sql).catch(() => undefined)
  }

  /** A session for this statement alone: after an error a session may hold rows of the failed statement. */
  async #write(surface: string, params: Params, act: (session: Session) => Promise<void>): Promise<void> {
    if (this.#closed) throw new TriptychError('STORE_UNAVAILABLE', { reason: 'closed' })
    const session = this.#openSession()
    const done = act(session)
    this.#writes.add(done)
    try {
      await done
    } catch (cause) {
      throw storeError(cause, surface, params)
    } finally {
      this.#writes.delete(done)
      session.close()
    }
  }
}

/** An optional dependency, native and large: only a process that opens this engine loads it. */
async function loadChdb(): Promise<Chdb> {
  try {
    return await import('chdb')
  } catch (cause) {
    throw new TriptychError('STORE_ENGINE_MISSING', { platform: `${process.platform}-${process.arch}` }, cause)
  }
}

function openSession(chdb: Chdb, directory: string): Session {
  const session = new chdb.Session(directory)
  session.query(`USE ${databaseName}`)
  return session
}

function openKeeper(chdb: Chdb, directory: string): Session {
  try {
    return new chdb.Session(directory)
  } catch (cause) {
    if (isHeldByOther(directory)) throw new TriptychError('DATA_DIR_LOCKED', { path: directory }, cause)
    throw new TriptychError('STORE_UNAVAILABLE', { path: directory }, cause)
  }
}
