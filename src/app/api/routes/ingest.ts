import { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import { asTriptychError } from '../../../platform/triptych-error.ts'
import type { HubServices } from '../../hub-services.ts'
import type { ApiEnv } from '../answer-context.ts'
import { parseParams } from '../parse-query.ts'
import { ingestBody } from '../schema/operate.ts'

/** Takes files in. Each file is a line of the answer as soon as it is done, so that long work shows its progress. */
export function ingestRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.post('/', async (context) => {
    const body = parseParams(ingestBody, await context.req.json().catch(() => undefined))
    const what =
      body.kind === 'gateway-log'
        ? { kind: body.kind, log: { product: body.format, source: body.name } }
        : { kind: body.kind }
    const files = hub.ingest(what, body.path)
    context.header('content-type', 'application/x-ndjson')
    return streamText(context, async (stream) => {
      try {
        for await (const file of files) await stream.writeln(JSON.stringify(file))
      } catch (cause) {
        // The status has been sent: what stopped the work is its last line.
        const { code, message, fix } = asTriptychError(cause)
        await stream.writeln(JSON.stringify({ name: '', error: { code, message: `${message}; ${fix}` } }))
      }
    })
  })
  return routes
}
