import { request } from 'node:http'
import { stripVTControlCharacters } from 'node:util'
import { type CallAnswer, callsSchema } from '../api/schema/call.ts'
import { callColumns } from './call-columns.ts'
import type { Screen } from './print.ts'

const everyMs = 1000
const mostAtOnce = 1000

/** Prints calls as they are judged, until it is stopped. */
export function showLive(socketPath: string, screen: Screen): { stop(): void } {
  let after = ''
  let stopped = false
  const shown = new Map<string, string>()
  const look = async () => {
    const path =
      after === ''
        ? '/api/v1/calls?since=10m&limit=1'
        : `/api/v1/calls?since=15m&limit=${mostAtOnce}&judgedAfter=${encodeURIComponent(after)}`
    const answer = callsSchema.safeParse(await get(socketPath, path))
    if (!answer.success || stopped) return
    const calls = answer.data.calls
    const newest = calls
      .map((call) => call.judgedAt)
      .sort()
      .at(-1)
    if (after === '') after = newest ?? new Date(Date.parse(answer.data.until)).toISOString()
    else {
      for (const call of calls) {
        if (shown.get(call.key) === call.verdict) continue
        shown.set(call.key, call.verdict)
        screen.write(`${line(call, screen)}\n`)
      }
      after = newest ?? after
    }
    if (shown.size > 5000) shown.clear()
  }
  const timer = setInterval(() => void look().catch(() => undefined), everyMs)
  return {
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}

function line(call: CallAnswer, screen: Screen): string {
  const cells = callColumns(screen).map((column) => {
    const cell = column.cell(call, screen)
    const padding = ' '.repeat(Math.max(0, column.width - visibleLength(cell)))
    return column.right ? padding + cell : cell + padding
  })
  return cells.join('  ').trimEnd()
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length
}

function get(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
      })
      answer.once('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch (cause) {
          reject(cause)
        }
      })
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}
