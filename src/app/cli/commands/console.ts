import type { Role } from '../../access/roles.ts'
import { linkSchema, statusSchema } from '../../api/schema/operate.ts'
import type { HubClient } from '../hub-client.ts'

/** What a link on the owner's own machine opens: everything that reads, each identity and each body with a reason. */
export const ownerRoles: readonly Role[] = ['viewer', 'investigator', 'content']

/**
 * A one-time link to the console of the hub that runs; undefined when none listens. The word stands behind `#`, where no server and
 * no proxy ever sees it.
 */
export async function consoleLink(client: HubClient, roles: readonly Role[]): Promise<string | undefined> {
  const { consoleUrl } = statusSchema.parse(await client.get('/status'))
  if (consoleUrl === '') return undefined
  for await (const answer of client.post('/session/links', { roles }))
    return `${consoleUrl}/#/sign-in?link=${linkSchema.parse(answer).link}`
  return undefined
}
