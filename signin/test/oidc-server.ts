import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import Provider from 'oidc-provider'

/** A real OpenID provider on loopback, with rotation of refresh tokens and reuse detection. */
export interface OidcServer {
  readonly issuer: string
  /** Seconds that the access tokens issued from now on live. */
  tokenSeconds: number
  /** What the token and revocation endpoints did, by grant type or `revocation`. */
  readonly granted: string[]
  /** Answers every request with this status instead, when set; 0 is no answer at all. */
  failWith: number | undefined
  /** What the token endpoint does is done; its answer is on its way for so long. */
  answerAfterMs: number
  /** Ends every sign-in, as an administrator would. */
  forgetAll(): void
  close(): Promise<void>
}

/** The audience of access tokens, which are JWTs. */
export const resource = 'https://gateway.example.com/triptych'
/** The one public client. */
export const clientId = 'laptop'

/** Starts it on a free port of 127.0.0.1. */
export async function startOidcServer(): Promise<OidcServer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const records = new Map<string, Record<string, unknown>>()
  const resourceServer = () => ({
    scope: 'call',
    audience: resource,
    accessTokenTTL: state.tokenSeconds,
    accessTokenFormat: 'jwt' as const,
  })
  const provider = new Provider(issuer, {
    adapter: (kind: string) => memory(records, kind),
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        response_types: ['code'],
      },
    ],
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    extraTokenClaims: () => ({ team: 'security', project: 'red-team' }),
  })
  const granted: string[] = []
  provider.on('grant.success', (context) => void granted.push(String(context.oidc.params?.['grant_type'])))
  provider.on('revocation.error', () => void granted.push('revocation failed'))
  provider.use(async (context, next) => {
    await next()
    if (context.path === '/token') await sleep(state.answerAfterMs)
  })
  const callback = provider.callback()
  server.on('request', (request, response) => {
    if (state.failWith !== undefined) {
      if (state.failWith > 0) response.writeHead(state.failWith).end('away')
      return
    }
    if (request.url === '/token/revocation') granted.push('revocation')
    callback(request, response)
  })
  const state: OidcServer = {
    issuer,
    tokenSeconds: 3600,
    granted,
    failWith: undefined,
    answerAfterMs: 0,
    forgetAll: () => records.clear(),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return state
}

/** The provider's records, by kind and id; its adapter interface (oidc-provider, docs: adapter). */
function memory(records: Map<string, Record<string, unknown>>, kind: string) {
  const all = () => [...records.entries()].filter(([key]) => key.startsWith(`${kind} `)).map(([, value]) => value)
  return {
    upsert: async (id: string, payload: object) => void records.set(`${kind} ${id}`, { ...payload }),
    find: async (id: string) => records.get(`${kind} ${id}`),
    findByUserCode: async (code: string) => all().find((record) => record['userCode'] === code),
    findByUid: async (uid: string) => all().find((record) => record['uid'] === uid),
    consume: async (id: string) => {
      const record = records.get(`${kind} ${id}`)
      if (record !== undefined) record['consumed'] = Math.floor(Date.now() / 1000)
    },
    destroy: async (id: string) => void records.delete(`${kind} ${id}`),
    revokeByGrantId: async (grantId: string) => {
      for (const [key, record] of records) if (record['grantId'] === grantId) records.delete(key)
    },
  }
}
