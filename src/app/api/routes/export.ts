import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import type { StreamingApi } from 'hono/utils/stream'
import { type CallRow, streamCalls } from '../../../evidence/store/queries/list-calls.ts'
import { asTriptychError, TriptychError } from '../../../platform/triptych-error.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, noteAnswer } from '../answer-context.ts'
import { csvCell } from '../csv-cell.ts'
import { exportParams, paramsOf, parseParams, selectionOf } from '../parse-query.ts'

/** Far above what a person reads; what lies above it is said at the end of the file. */
const mostRows = 1_000_000
/** Each export holds a session of the engine for as long as its reader takes. */
const mostExports = 2
/** A reader that takes nothing for so long has gone. */
const longestStallMs = 30_000

/** Calls as a file. Each row says whether it is simulated, so that a file that is passed on does not lose it. */
export function exportRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  let open = 0
  routes.get('/calls/export', async (context) => {
    const params = parseParams(exportParams, paramsOf(context))
    const selection = selectionOf(params, hub.clock.now())
    if (open >= mostExports) throw new TriptychError('STORE_LIMIT', { reason: 'other exports are running' })
    await noteAnswer(hub, context, `api.calls.export.${params.format}`, Object.keys(selection.filters))
    const form = forms[params.format]
    context.header('content-type', form.type)
    context.header('content-disposition', `attachment; filename="triptych-calls.${params.format}"`)
    const gone = new AbortController()
    const query = { ...selection, limit: mostRows + 1 }
    open += 1
    return stream(context, async (out) => {
      out.onAbort(() => gone.abort())
      try {
        await writeRows(out, form, streamCalls(hub.engine, query, gone.signal), gone)
      } finally {
        open -= 1
      }
    })
  })
  return routes
}

async function writeRows(
  out: StreamingApi,
  form: Form,
  rows: AsyncIterable<CallRow>,
  gone: AbortController,
): Promise<void> {
  const write = async (text: string) => {
    const timer = setTimeout(() => {
      gone.abort()
      out.abort()
    }, longestStallMs)
    await out.write(text)
    clearTimeout(timer)
  }
  await write(form.head)
  let count = 0
  try {
    for await (const row of rows) {
      if (out.aborted) return
      count += 1
      if (count > mostRows) {
        await write(form.stopped(`cut at ${mostRows} rows`))
        return
      }
      await write(form.row(row))
    }
  } catch (cause) {
    // The status has been sent: what stopped the export is its last line, and no program can take it for a row.
    if (!out.aborted) await write(form.stopped(asTriptychError(cause).code))
  }
}

interface Form {
  readonly type: string
  readonly head: string
  row(call: CallRow): string
  stopped(why: string): string
}

const exported = [
  'at',
  'verdict',
  'reason',
  'findings',
  'callId',
  'awsRequestId',
  'alias',
  'principalArn',
  'team',
  'project',
  'session',
  'operation',
  'model',
  'account',
  'region',
  'result',
  'httpStatus',
  'stopReason',
  'durationMs',
  'firstByteMs',
  'judgedAt',
  'simulated',
] as const satisfies readonly (keyof CallRow)[]
const tokenNames = ['input', 'output', 'cacheRead', 'cacheWrite'] as const
const seenNames = ['access', 'gateway', 'content'] as const

const forms: Readonly<Record<'csv' | 'jsonl', Form>> = {
  csv: {
    type: 'text/csv; charset=utf-8',
    head: `${[...exported, ...tokenNames.map((name) => `tokens.${name}`), ...seenNames.map((name) => `seen.${name}`)].join(',')}\r\n`,
    row: (call) =>
      `${[
        ...exported.map((name) => csvCell(call[name])),
        ...tokenNames.map((name) => csvCell(call.tokens[name])),
        ...seenNames.map((name) => csvCell(call.seen[name])),
      ].join(',')}\r\n`,
    stopped: (why) => `"INCOMPLETE: ${why}"\r\n`,
  },
  jsonl: {
    type: 'application/x-ndjson',
    head: '',
    row: (call) => `${JSON.stringify(call)}\n`,
    stopped: (why) => `${JSON.stringify({ incomplete: why })}\n`,
  },
}
