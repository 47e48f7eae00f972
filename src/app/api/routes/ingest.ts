import { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import { z } from 'zod'
import { asTriptychError } from '../../../platform/triptych-error.ts'
import type { HubServices } from '../../hub-services.ts'
import { parseParams } from '../parse-query.ts'

const bodySchema = z.strictObject({ kind: z.enum(['cloudtrail', 'invocations']), path: z.string().min(1).max(4096) })

/** Takes files in. Each file is a line of the answer as soon as it is done, so that long work shows its progress. */
export function ingestRoutes(hub: HubServices): Hono {
  const routes = new Hono()
  routes.post('/', async (context) => {
    const { kind, path } = parseParams(bodySchema, await context.req.json().catch(() => undefined))
    const files = hub.ingest(kind, path)
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
