import { Hono } from 'hono'
import { disableLogging, enableLogging, loggingStatus } from '../../content/logging-switch.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, callerOf } from '../answer-context.ts'
import { parseParams } from '../parse-query.ts'
import { disableLoggingBody, enableLoggingBody } from '../schema/content-logging.ts'

/** Invocation logging in the account, beside the policy; and switching it by decision. */
export function contentLoggingRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  const status = async () => ({
    asOf: new Date(hub.clock.now()).toISOString(),
    simulated: hub.status().simulated,
    regions: await loggingStatus(hub.contentLogging),
  })
  routes.get('/content/logging', async (context) => context.json(await status()))
  routes.post('/content/logging/enable', async (context) => {
    const { region, bucket, prefix, cloudWatch, ...decision } = parseParams(
      enableLoggingBody,
      await context.req.json().catch(() => undefined),
    )
    await enableLogging(hub.contentLogging, callerOf(context), region, { bucket, prefix, cloudWatch }, decision)
    return context.json(await status())
  })
  routes.post('/content/logging/disable', async (context) => {
    const { region, ...decision } = parseParams(disableLoggingBody, await context.req.json().catch(() => undefined))
    await disableLogging(hub.contentLogging, callerOf(context), region, decision)
    return context.json(await status())
  })
  return routes
}
