import type { Context } from 'hono'
import type { Caller } from '../access/caller.ts'
import type { HubServices } from '../hub-services.ts'

/** What every request carries, once it was let in. */
export interface ApiEnv {
  readonly Variables: { readonly caller: Caller }
}

/** Who asks. */
export function callerOf(context: Context<ApiEnv>): Caller {
  return context.get('caller')
}

/** What every answer over a span of time begins with. */
export function spanOf(hub: HubServices, window: { readonly since: number; readonly until: number }) {
  return {
    since: new Date(window.since).toISOString(),
    until: new Date(window.until).toISOString(),
    asOf: new Date(hub.clock.now()).toISOString(),
    simulated: hub.status().simulated,
  }
}

/** Writes the act of an answer before it is given. */
export async function noteAnswer(
  hub: HubServices,
  context: Context<ApiEnv>,
  surface: string,
  filters: readonly string[] = [],
): Promise<void> {
  await hub.act('answer.given', { surface, who: callerOf(context).who, filters: [...filters] })
}
