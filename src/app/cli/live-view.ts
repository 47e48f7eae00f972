import { type ClientRequest, request } from 'node:http'
import { stripVTControlCharacters } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import { type CallAnswer, callSchema } from '../api/schema/call.ts'
import { callColumns } from './call-columns.ts'
import type { Screen } from './print.ts'

const againMs = 1000
const mostRemembered = 5000
/** Older calls that are judged now are no news. */
const recentMs = 3_600_000

/** Prints calls as they are judged, until it is stopped. */
export function showLive(socketPath: string, screen: Screen): { stop(): void } {
  let stopped = false
  let outgoing: ClientRequest | undefined
  let lastId = ''
  const shown = new Map<string, string>()
  const show = (event: ServerSentEvent) => {
    const call = event.name === 'call' ? callSchema.safeParse(JSON.parse(event.data)).data : undefined
    if (call === undefined || stopped) return
    lastId = event.id
    if (Date.parse(call.at) < systemClock.now() - recentMs) return
    if (shown.get(call.key) === call.verdict) return
    if (shown.size > mostRemembered) shown.clear()
    shown.set(call.key, call.verdict)
    screen.write(`${line(call, screen)}\n`)
  }
  const listen = () => {
    if (stopped) return
    const headers = lastId === '' ? {} : { 'last-event-id': lastId }
    outgoing = request({ socketPath, path: '/api/v1/live', headers }, (answer) => {
      const read = eventReader(show)
      answer.setEncoding('utf8')
      answer.on('data', read)
      answer.once('close', () => setTimeout(listen, againMs))
    })
    outgoing.once('error', () => setTimeout(listen, againMs))
    outgoing.end()
  }
  listen()
  return {
    stop() {
      stopped = true
      outgoing?.destroy()
    },
  }
}

interface ServerSentEvent {
  readonly name: string
  readonly id: string
  readonly data: string
}

/** Takes text as it comes and gives whole events (HTML Standard §9.2.6; our hub writes each field on one line). */
function eventReader(give: (event: ServerSentEvent) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const blocks = `${rest}${text}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((row) => [row.split(': ')[0], row.slice(row.indexOf(': ') + 2)]))
      give({ name: fields.get('event') ?? '', id: fields.get('id') ?? '', data: fields.get('data') ?? '{}' })
    }
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
