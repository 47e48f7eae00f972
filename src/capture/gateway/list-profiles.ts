import { hash } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '../../platform/json/parse-json.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Alias } from '../../record/alias.ts'
import type { Principal } from '../../record/principal.ts'
import { attributeByCredential } from './attribute.ts'
import { decodeSegment } from './decode-segment.ts'
import { readAnswer } from './deliver.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { mayUse } from './list-models.ts'
import { signRequest } from './sign.ts'

/** Who asks. */
export interface ListingCaller {
  readonly principal: Principal
  readonly alias: Alias
  /** The token of an issuer that was sent. */
  readonly token: string | undefined
}

/** What AWS answered, without what the caller may not use. */
export interface ListedProfiles {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Parameters of ListInferenceProfiles (AWS API reference); others are not passed on. */
const parameters = ['maxResults', 'nextToken', 'type', 'typeEquals'] as const
const summaries = z.looseObject({
  inferenceProfileSummaries: z.array(z.looseObject({ inferenceProfileId: z.string() })),
})

/** `GET /inference-profiles`, as the person's own session sees it and of that what the policy lets the person use. */
export async function listProfiles(parts: GatewayParts, caller: ListingCaller, query: string): Promise<ListedProfiles> {
  const asked = new URLSearchParams(query)
  const kept = parameters.flatMap((name) => {
    const value = asked.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const answer = await ask(parts, caller, '/inference-profiles', Object.fromEntries(kept))
  if (answer.status !== 200) return answer
  const listed = summaries.safeParse(parseJson(answer.body))
  if (!listed.success) throw new TriptychError('GATEWAY_UPSTREAM_TYPE', { wanted: 'a list of inference profiles' })
  const { inferenceProfileSummaries, ...rest } = listed.data
  const usable = inferenceProfileSummaries.filter(({ inferenceProfileId }) =>
    mayUse(parts, caller.principal, inferenceProfileId),
  )
  return { ...answer, body: Buffer.from(JSON.stringify({ ...rest, inferenceProfileSummaries: usable })) }
}

/** `GET /inference-profiles/{id}`. Throws GATEWAY_MODEL_REFUSED for one that the policy keeps from the caller. */
export async function oneProfile(parts: GatewayParts, caller: ListingCaller, segment: string): Promise<ListedProfiles> {
  const id = decodeSegment(segment)
  if (!mayUse(parts, caller.principal, id)) throw new TriptychError('GATEWAY_MODEL_REFUSED', { reason: 'no_rule' })
  return ask(parts, caller, `/inference-profiles/${encodeURIComponent(id)}`, {})
}

async function ask(
  parts: GatewayParts,
  caller: ListingCaller,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<ListedProfiles> {
  const session = await parts.sessions.get({ ...caller, ...attributeByCredential(caller.principal) })
  const region = parts.upstream.regionOf(undefined)
  const endpoint = parts.upstream.controlOf(region)
  const body = Buffer.alloc(0)
  const headers = await signRequest(
    {
      method: 'GET',
      endpoint,
      path,
      query,
      headers: { accept: 'application/json' },
      body,
      bodySha256: hash('sha256', body),
      region,
      at: parts.clock.now(),
    },
    session,
  )
  const target = Object.keys(query).length === 0 ? path : `${path}?${new URLSearchParams(query)}`
  const answer = await parts.sender.send(
    { method: 'GET', endpoint, path: target, headers, body },
    AbortSignal.timeout(answerWithinMs),
    async () => true,
  )
  const requestId = answer.headers['x-amzn-requestid']
  const errorType = answer.headers['x-amzn-errortype']
  return {
    status: answer.statusCode ?? 502,
    headers: {
      'content-type': 'application/json',
      ...(typeof requestId === 'string' ? { 'x-amzn-requestid': requestId } : {}),
      ...(typeof errorType === 'string' ? { 'x-amzn-errortype': errorType } : {}),
    },
    body: await readAnswer(answer, mostBytes),
  }
}

const answerWithinMs = 10_000
const mostBytes = 4 * 1024 * 1024
