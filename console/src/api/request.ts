import { problemOf, unreachable } from './problem.ts'

const base = '/api/v1'

/** Where a path of the API with its parameters is. */
export function apiUrl(path: string, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(params).toString()
  return `${base}${path}${query === '' ? '' : `?${query}`}`
}

/** Asks for JSON. The shape is the contract that server and console are built from; it is not checked again here. Throws ApiProblem. */
export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(url, signal === undefined ? {} : { signal })
  return response.json() as Promise<T>
}

/** Asks for a text. Throws ApiProblem. */
export async function getText(url: string, signal?: AbortSignal): Promise<string> {
  const response = await ask(url, signal === undefined ? {} : { signal })
  return response.text()
}

/** Sends JSON, with the header that no foreign page can send. Throws ApiProblem. */
export async function sendJson<T>(method: 'POST' | 'DELETE', url: string, body?: unknown): Promise<T | undefined> {
  const headers = { 'x-triptych-csrf': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const response = await ask(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  return text === '' ? undefined : (JSON.parse(text) as T)
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store' }).catch(
    (cause: unknown) => {
      // Who gave up is told so; everything else means that nobody answered.
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
      throw unreachable()
    },
  )
  if (!response.ok) throw await problemOf(response)
  return response
}
