import { parseModelId } from '../../record/model-id.ts'
import type { Principal } from '../../record/principal.ts'
import type { GatewayParts } from './gateway-parts.ts'

/** A model of Anthropic's Models API. */
interface Listed {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
}

/** Bedrock's names say no day: the API's own value for a day that is not known (Anthropic API reference, List Models). */
const dayNotKnown = '1970-01-01T00:00:00Z'

/** `GET /v1/models`: the names this deployment knows, of those that the policy lets the caller use. */
export function listModels(parts: GatewayParts, principal: Principal) {
  const data = [...parts.modelNames].flatMap(([name, id]) => (mayUse(parts, principal, id) ? [listed(name)] : []))
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

/** `GET /v1/models/{name}`; undefined where there is none, or none for this caller. */
export function oneModel(parts: GatewayParts, principal: Principal, name: string): Listed | undefined {
  const id = parts.modelNames.get(name)
  return id !== undefined && mayUse(parts, principal, id) ? listed(name) : undefined
}

/** Whether the policy lets the caller use a model in one way at least. */
export function mayUse({ authorize, upstream }: GatewayParts, principal: Principal, id: string): boolean {
  const model = parseModelId(id)
  if (model === undefined) return false
  const region = upstream.regionOf(model.scope)
  const ways = ['InvokeModelWithResponseStream', 'InvokeModel', 'ConverseStream', 'Converse'] as const
  return ways.some((operation) => authorize.allows({ principal, model, region, operation }))
}

function listed(name: string): Listed {
  return { type: 'model', id: name, display_name: name, created_at: dayNotKnown }
}
