import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { z } from 'zod'
import { type ErrorCode, errorTable } from '../../platform/error-table.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { answers, socketPathFor } from '../../platform/unix-socket.ts'
import { hubSocketName, openHubHere } from '../compose/hub.ts'
import type { Config } from '../config-schema.ts'
import { dataDirAt } from '../data-dir.ts'

/** How commands reach the hub: over its socket when it runs, else by opening the store themselves. */
export interface HubClient {
  get(path: string): Promise<unknown>
  /** The lines of an NDJSON answer, as they come. */
  post(path: string, body: unknown): AsyncIterable<unknown>
  close(): Promise<void>
}

/** Finds the hub of a data directory. Throws DATA_DIR_MISSING where there is none, unless it may be made. */
export async function connectHub(config: Config, mayMake = false): Promise<HubClient> {
  const path = socketPathFor(config.dataDir, hubSocketName)
  if (await answers(path)) return socketClient(path)
  // A mistyped directory would otherwise look like one in which nothing ever happened.
  if (!mayMake && !existsSync(dataDirAt(config.dataDir).config))
    throw new TriptychError('DATA_DIR_MISSING', { path: config.dataDir })
  return openClientHere(config)
}

function socketClient(socketPath: string): HubClient {
  const send = (method: string, path: string, body?: unknown) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(
        { socketPath, method, path: `/api/v1${path}`, headers: { 'content-type': 'application/json' } },
        resolve,
      )
      outgoing.once('error', (cause) => reject(new TriptychError('HUB_UNREACHABLE', {}, cause)))
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
  return {
    async get(path) {
      const answer = await send('GET', path)
      let text = ''
      for await (const chunk of answer) text += String(chunk)
      return checked(answer.statusCode ?? 500, text)
    },
    async *post(path, body) {
      const answer = await send('POST', path, body)
      if ((answer.statusCode ?? 500) >= 400) {
        let text = ''
        for await (const chunk of answer) text += String(chunk)
        checked(answer.statusCode ?? 500, text)
      }
      yield* ndjson(answer)
    },
    close: async () => undefined,
  }
}

async function openClientHere(config: Config): Promise<HubClient> {
  const hub = await openHubHere(config)
  const call = (method: string, path: string, body?: unknown) =>
    hub.fetch(
      new Request(`http://hub/api/v1${path}`, body === undefined ? { method } : { method, body: JSON.stringify(body) }),
    )
  return {
    async get(path) {
      const answer = await call('GET', path)
      return checked(answer.status, await answer.text())
    },
    async *post(path, body) {
      const answer = await call('POST', path, body)
      if (answer.status >= 400 || answer.body === null) checked(answer.status, await answer.text())
      else yield* ndjson(answer.body)
    },
    close: () => hub.close(),
  }
}

const problemSchema = z.object({
  code: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})

function checked(status: number, text: string): unknown {
  const value = parseJson(text)
  if (status < 400) return value
  const problem = problemSchema.safeParse(value)
  const code = problem.data?.code ?? ''
  throw isErrorCode(code)
    ? new TriptychError(code, problem.data?.facts ?? {})
    : new TriptychError('HUB_UNREACHABLE', { status })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}

async function* ndjson(chunks: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    rest += chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield parseJson(line)
  }
  if (rest !== '') yield parseJson(rest)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TriptychError('HUB_UNREACHABLE', { reason: 'not JSON' }, cause)
  }
}
