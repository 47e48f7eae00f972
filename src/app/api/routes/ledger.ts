import { Hono } from 'hono'
import type { HubServices } from '../../hub-services.ts'
import type { ApiEnv } from '../answer-context.ts'
import { consistencyParams, parseParams } from '../parse-query.ts'

/** What a reader needs to check receipts for themselves: the newest checkpoint, the public key, that one log continues another. */
export function ledgerRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/ledger/checkpoint', (context) => {
    context.header('cache-control', 'no-store')
    return context.text(hub.ledger().latest().note)
  })
  routes.get('/ledger/key', (context) => context.text(`${hub.ledger().verifier.text}\n`))
  routes.get('/ledger/consistency', async (context) => {
    const { from, to } = parseParams(consistencyParams, context.req.query())
    const proof = await hub.ledger().tree().consistency(from, to)
    return context.json({ from, to, proof: proof.map((hash) => hash.toString('base64')) })
  })
  return routes
}
