import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { scenes } from '../../simulator/src/company/scenes.ts'
import { Traffic } from '../../simulator/src/company/traffic.ts'
import { mayDo } from '../../src/app/access/permissions.ts'
import { type Role, roles } from '../../src/app/access/roles.ts'
import { createHubApi } from '../../src/app/api/hub-api.ts'
import { routeTable } from '../../src/app/api/route-table.ts'
import { attentionSchema, callsSchema, facetsSchema, histogramSchema } from '../../src/app/api/schema/call.ts'
import { callDetailSchema } from '../../src/app/api/schema/call-detail.ts'
import { coverageSchema } from '../../src/app/api/schema/coverage.ts'
import { liveCallSchema } from '../../src/app/api/schema/live.ts'
import { linkSchema } from '../../src/app/api/schema/operate.ts'
import { contentSchema, identitySchema, sessionSchema } from '../../src/app/api/schema/session.ts'
import { connectHub } from '../../src/app/cli/hub-client.ts'
import type { RunningHub } from '../../src/app/compose/hub.ts'
import { engineKinds, startClickHouse, type TestServer } from '../fakes/clickhouse-server.ts'
import { journalOf, type Stand, startStand } from '../fakes/stand.ts'

// /api/v1 over real HTTP, against a real hub with real calls.

let stand: Stand
let hub: RunningHub
let server: TestServer | undefined

describe.each(engineKinds)('on the %s engine', (kind) => {
  beforeAll(async () => {
    server = kind === 'server' ? await startClickHouse() : undefined
    stand = await startStand(server === undefined ? {} : { store: { url: server.url } })
    hub = await stand.startHub()
    await hub.runOnce()
    const traffic = new Traffic(stand.account)
    traffic.gateway = stand.gateway.url
    const stage = { account: stand.account, traffic }
    for (const name of ['europe', 'unexpectedModel', 'leakedKey', 'ownKey', 'unlogged', 'expiredToken'] as const)
      await scenes[name](stage)
    stand.account.deliverAll()
    await new Promise((resolve) => setTimeout(resolve, 1200))
    await hub.runOnce()
    await hub.runOnce()
  })
  afterAll(async () => {
    await hub.close()
    await stand.close()
    await server?.close()
  })

  /** One server-sent event, if it is a call. */
  function liveCallOf(event: string): { readonly id: string; readonly key: string } | undefined {
    const field = (name: string) =>
      event
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
    if (field('event') !== 'call') return undefined
    return { id: field('id') ?? '', key: liveCallSchema.parse(JSON.parse(field('data') ?? '')).key }
  }

  async function link(...wanted: readonly Role[]): Promise<string> {
    const client = await connectHub(stand.config)
    for await (const answer of client.post('/session/links', { roles: wanted })) return linkSchema.parse(answer).link
    return ''
  }

  const post = { method: 'POST', headers: { 'content-type': 'application/json', 'x-triptych-csrf': '1' } }

  async function signIn(...wanted: readonly Role[]): Promise<string> {
    const body = JSON.stringify({ link: await link(...wanted) })
    const answer = await fetch(`${hub.consoleUrl}/api/v1/session`, { ...post, body })
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }

  function ask(path: string, cookie: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...Object.fromEntries(new Headers(init.headers).entries()), cookie }
    return fetch(`${hub.consoleUrl}/api/v1${path}`, { ...init, headers })
  }

  const get = async <T>(schema: z.ZodType<T>, path: string, cookie: string) =>
    schema.parse(await (await ask(path, cookie)).json())
  const code = async (answer: Response) => z.object({ code: z.string() }).parse(await answer.json()).code
  const firstCall = async (cookie: string, query = '') => {
    const { calls } = await get(callsSchema, `/calls?${query}`, cookie)
    return calls[0] ?? expect.unreachable()
  }

  test('every route, for every role: what the table grants is answered, everything else is refused', async () => {
    const cookies = new Map<Role, string>()
    for (const role of roles) cookies.set(role, await signIn(role))
    const key = (await firstCall(cookies.get('viewer') ?? '')).key
    for (const row of routeTable) {
      if (row.path.startsWith('/session') && row.permission === 'open') continue
      const path = row.path.replace(':id', key).replace(':question', 'who')
      const once = async (cookie: string) => {
        const stop = new AbortController()
        const answer = await ask(path, cookie, {
          ...(row.method === 'GET' ? {} : { ...post, method: row.method, body: '{}' }),
          signal: stop.signal,
        })
        const { status } = answer
        if (row.types?.includes('text/event-stream') === true) stop.abort()
        else await answer.arrayBuffer()
        return status
      }
      if (row.permission !== 'open') expect(await once(''), `${row.path} for nobody`).toBe(401)
      for (const [role, cookie] of cookies) {
        const allowed = mayDo({ who: 'session-00000000', roles: [role] }, row.permission)
        const status = await once(cookie)
        const text = `${row.method} ${row.path} for ${role}`
        if (allowed) expect([401, 403], text).not.toContain(status)
        else expect(status, text).toBe(403)
      }
    }
  })

  test('the table and the application name the same routes', () => {
    const served = createHubApi({ sessions: {} } as never, { via: 'socket' })
      .routes.filter((route) => route.method !== 'ALL')
      .map((route) => `${route.method} ${route.path.replace('/api/v1', '').replace(/(.)\/$/, '$1')}`)
    expect([...new Set(served)].sort()).toEqual(routeTable.map((row) => `${row.method} ${row.path}`).sort())
  })

  test('nobody holds the roles to run the program and to read content together', async () => {
    const client = await connectHub(stand.config)
    const mint = async () => {
      for await (const _ of client.post('/session/links', { roles: ['admin', 'content'] })) expect.unreachable()
    }
    await expect(mint()).rejects.toMatchObject({ code: 'QUERY_INVALID', facts: { field: 'roles' } })
  })

  test('a link opens one session, once; its cookie is out of reach for scripts and other sites; signing out ends it', async () => {
    const body = JSON.stringify({ link: await link('viewer') })
    const first = await fetch(`${hub.consoleUrl}/api/v1/session`, { ...post, body })
    const cookie = first.headers.getSetCookie()[0] ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    expect(sessionSchema.parse(await first.json()).roles).toEqual(['viewer'])
    expect(await code(await fetch(`${hub.consoleUrl}/api/v1/session`, { ...post, body }))).toBe('SESSION_REQUIRED')
    const session = cookie.split(';')[0] ?? ''
    expect((await ask('/calls', session)).status).toBe(200)
    expect((await ask('/session', session, { ...post, method: 'DELETE' })).status).toBe(204)
    expect((await ask('/calls', session)).status).toBe(401)
    expect((await ask('/calls', 'triptych_session=guessed')).status).toBe(401)
  })

  test('another site, a rebound name and a form are refused before anything is looked at', async () => {
    const cookie = await signIn('admin')
    const refused = async (path: string, init: RequestInit) => code(await ask(path, cookie, init))
    expect(await refused('/rebuild', { method: 'POST' })).toBe('REQUEST_REFUSED')
    expect(await refused('/rebuild', { ...post, headers: { ...post.headers, origin: 'https://evil.example' } })).toBe(
      'REQUEST_REFUSED',
    )
    expect(await refused('/calls', { headers: { origin: 'https://evil.example' } })).toBe('REQUEST_REFUSED')
    const { request } = await import('node:http')
    const status = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(hub.consoleUrl)
      const outgoing = request({ port, path: '/api/v1/calls', headers: { host: 'evil.example', cookie } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      outgoing.once('error', reject)
      outgoing.end()
    })
    expect(status).toBe(403)
  })

  const reason = { kind: 'incident', text: 'WHY-2207 the key of this caller was leaked' }

  test('a name is shown with a reason only, and the record of it was there first, its words sealed', async () => {
    const cookie = await signIn('investigator')
    const call = await firstCall(cookie, 'verdict=unlogged')
    const before = (await journalOf(stand.dataDir, 'hub')).length
    const none = await ask(`/calls/${call.key}/identity`, cookie, { ...post, body: '{}' })
    expect(await code(none)).toBe('QUERY_INVALID')
    const refused = await ask(`/calls/${call.key}/content`, cookie, { ...post, body: JSON.stringify(reason) })
    expect(await code(refused)).toBe('ROLE_REQUIRED')
    expect((await journalOf(stand.dataDir, 'hub')).length).toBe(before)

    const answer = await ask(`/calls/${call.key}/identity`, cookie, { ...post, body: JSON.stringify(reason) })
    const shown = identitySchema.parse(await answer.json())
    expect(shown).toMatchObject({ alias: call.alias, email: 'dave@example.com' })
    const acts = await journalOf(stand.dataDir, 'hub')
    const act = acts.find((line) => `hub ${line.seq}` === shown.recordedAs)
    expect(act).toMatchObject({
      type: 'sensitive.read',
      body: { what: 'identity', alias: call.alias, call: call.key, reason: 'incident' },
    })
    expect(act?.body['who']).toMatch(/^session-/)
    expect(JSON.stringify(acts)).not.toMatch(/WHY-2207|dave/)
  })

  test('what was said is shown to the content role only, with its size and hash', async () => {
    const cookie = await signIn('content')
    const call = await firstCall(cookie, 'verdict=unlogged')
    const answer = await ask(`/calls/${call.key}/content`, cookie, { ...post, body: JSON.stringify(reason) })
    const { parts } = contentSchema.parse(await answer.json())
    expect(parts.map((part) => [part.part, part.state])).toEqual([
      ['input', 'kept'],
      ['output', 'kept'],
    ])
    expect(parts[0]?.text).toContain('anthropic_version')
    expect(parts[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
    const name = await ask(`/calls/${call.key}/identity`, cookie, { ...post, body: JSON.stringify(reason) })
    expect(await code(name)).toBe('ROLE_REQUIRED')
  })

  test('pages put together are the list, without a gap or a repeat', async () => {
    const cookie = await signIn('viewer')
    const whole = await get(callsSchema, '/calls?limit=1000', cookie)
    expect(whole.next).toBeNull()
    const keys: string[] = []
    let cursor = ''
    do {
      const page = await get(callsSchema, `/calls?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, cookie)
      keys.push(...page.calls.map((call) => call.key))
      cursor = page.next ?? ''
    } while (cursor !== '')
    expect(keys).toEqual(whole.calls.map((call) => call.key))
    expect(await code(await ask('/calls?cursor=nonsense', cookie))).toBe('QUERY_INVALID')
  })

  test('the count beside each facet value is the number of rows behind it, whatever else is filtered', async () => {
    const cookie = await signIn('viewer')
    const rowsOf = async (query: string) => (await get(callsSchema, `/calls?limit=1000&${query}`, cookie)).calls.length
    for (const filter of ['', 'verdict=bypass', 'verdict!=bypass,refused', 'region=eu-west-1', 'person=p']) {
      const { facets, total } = await get(facetsSchema, `/calls/facets?${filter}`, cookie)
      expect(await rowsOf(filter)).toBe(total)
      for (const [name, facet] of Object.entries(facets)) {
        // A facet's own selection does not narrow its own counts.
        const others = filter.split('=')[0]?.replace('!', '') === name ? '' : filter
        for (const { value, calls } of facet.values) {
          const query = `${others}&${name}=${encodeURIComponent(value || '(none)')}`
          expect(await rowsOf(query), query).toBe(calls)
        }
        if (others === filter && facet.more === 0)
          expect(
            facet.values.reduce((sum, { calls }) => sum + calls, 0),
            name,
          ).toBe(total)
      }
    }
  })

  test('the bars of the histogram and the rows of an export add up to the list', async () => {
    const cookie = await signIn('viewer')
    for (const filter of ['', 'verdict=bypass']) {
      const { total } = await get(facetsSchema, `/calls/facets?${filter}`, cookie)
      const { buckets, bucketMs } = await get(histogramSchema, `/calls/histogram?buckets=50&${filter}`, cookie)
      expect(buckets.flatMap(({ calls }) => Object.values(calls)).reduce((sum, calls) => sum + calls, 0)).toBe(total)
      expect(buckets.length).toBeLessThanOrEqual(51)
      const starts = buckets.map(({ from }) => Date.parse(from))
      expect(starts.every((at, i) => i === 0 || at - (starts[i - 1] ?? 0) === bucketMs)).toBe(true)
      const csv = await (await ask(`/calls/export?format=csv&${filter}`, cookie)).text()
      expect(csv.trimEnd().split('\r\n')).toHaveLength(total + 1)
      const jsonl = await (await ask(`/calls/export?format=jsonl&${filter}`, cookie)).text()
      expect(
        jsonl
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).simulated),
      ).toEqual(Array(total).fill(true))
    }
  })

  test('what needs a look is grouped by cause, and every grave call is in one group', async () => {
    const cookie = await signIn('viewer')
    const { groups } = await get(attentionSchema, '/attention', cookie)
    expect(groups).toContainEqual(
      expect.objectContaining({ verdict: 'bypass', finding: 'bypass:bearer_key', calls: 3 }),
    )
    const { verdicts } = await get(coverageSchema, '/coverage', cookie)
    const grave = (verdicts['bypass'] ?? 0) + (verdicts['unlogged'] ?? 0)
    expect(groups.reduce((sum, group) => sum + group.calls, 0)).toBe(grave)
  })

  test('the triptych of a bypass says that no gateway has it, and of a call of ours that three agree', async () => {
    const cookie = await signIn('viewer')
    const bypass = await firstCall(cookie, 'verdict=bypass')
    const detail = await get(callDetailSchema, `/calls/${bypass.key}`, cookie)
    const cells = (field: string) => detail.fields.find((row) => row.field === field)?.cells
    expect(cells('model')).toMatchObject({ access: { state: 'value' }, gateway: { state: 'absent' } })
    expect(cells('input')).toMatchObject({ access: { state: 'not_part' } })
    expect(detail.rule).toEqual({ number: 2, of: 12 })
    const receipt = await ask(`/calls/${bypass.key}/proof`, cookie)
    expect(receipt.headers.get('content-disposition')).toContain('.access.tlog-proof')
    const own = await firstCall(cookie, 'verdict=corroborated')
    const agreed = await get(callDetailSchema, `/calls/${own.key}`, cookie)
    const model = agreed.fields.find((row) => row.field === 'model')
    expect(model?.compared).toEqual({ agree: true, strength: 'independent' })
    // What is proven when no record is named is what a page shows first.
    expect(agreed.receipts[0]).toEqual({ record: 'outcome', state: 'entered' })
    const proof = await ask(`/calls/${own.key}/proof`, cookie)
    expect(proof.headers.get('content-disposition')).toContain('.outcome.tlog-proof')
    expect(agreed.timeline.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['intent', 'outcome', 'cloudtrail_event', 'cloudtrail_arrived', 'verdict']),
    )
    const times = agreed.timeline.map(({ at }) => at)
    expect(times).toEqual([...times].sort())
  })

  test('a live view that is cut off and comes back has every judged call, none lost', async () => {
    const cookie = await signIn('viewer')
    const traffic = new Traffic(stand.account)
    traffic.gateway = stand.gateway.url
    const before = new Set((await get(callsSchema, '/calls?limit=1000', cookie)).calls.map((call) => call.key))
    const seen = new Set<string>()
    let last = ''
    const listen = async (until: number) => {
      const stop = new AbortController()
      const answer = await ask('/live', cookie, { headers: { 'last-event-id': last }, signal: stop.signal })
      const decoder = new TextDecoder()
      let text = ''
      try {
        for await (const chunk of answer.body ?? []) {
          text += decoder.decode(chunk, { stream: true })
          for (const event of text.split('\n\n').slice(0, -1)) {
            const call = liveCallOf(event)
            if (call === undefined) continue
            seen.add(call.key)
            last = call.id
          }
          text = text.slice(text.lastIndexOf('\n\n') + 2)
          if (seen.size >= until) break
        }
      } finally {
        stop.abort()
      }
    }
    const first = listen(1)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await scenes.leakedKey({ account: stand.account, traffic })
    await scenes.ownKey({ account: stand.account, traffic })
    stand.account.deliverAll()
    await hub.runOnce()
    await first
    await listen(4)
    const fresh = (await get(callsSchema, '/calls?limit=1000', cookie)).calls.filter((call) => !before.has(call.key))
    expect(fresh.length).toBe(4)
    expect(fresh.filter((call) => !seen.has(call.key))).toEqual([])
  }, 30_000)

  test('HEAD is answered at once on every route, and holds nothing open', async () => {
    const cookie = await signIn('viewer')
    for (let i = 0; i < 8; i++)
      for (const path of ['/calls/export', '/live'])
        expect((await ask(path, cookie, { method: 'HEAD' })).status).toBe(200)
    expect((await ask('/calls?limit=1', cookie)).status).toBe(200)
  })

  test('an export whose reader leaves, or takes nothing, keeps nobody else waiting', async () => {
    const cookie = await signIn('viewer')
    for (let i = 0; i < 6; i++) {
      const stop = new AbortController()
      const answer = await ask('/calls/export', cookie, { signal: stop.signal })
      expect([200, 503]).toContain(answer.status)
      stop.abort()
    }
    expect((await ask('/calls?limit=1', cookie)).status).toBe(200)
    await expect.poll(async () => (await ask('/calls/export', cookie)).status, { timeout: 5_000 }).toBe(200)
  })

  test('a live view ends with its session', async () => {
    const cookie = await signIn('viewer')
    const answer = await ask('/live', cookie)
    const ended = answer.text()
    await ask('/session', cookie, { ...post, method: 'DELETE' })
    expect(await ended).toContain('event: beat')
  })

  test('a live view that was away for too long is told to begin anew', async () => {
    const cookie = await signIn('viewer')
    const stop = new AbortController()
    const answer = await ask('/live', cookie, { headers: { 'last-event-id': '1000.gone' }, signal: stop.signal })
    const reader = answer.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    expect(new TextDecoder().decode(value)).toContain('event: reset')
    stop.abort()
  })

  test('a parameter given twice, an empty list and an impossible year are refused, not dropped', async () => {
    const cookie = await signIn('viewer')
    for (const query of [
      'verdict=bypass&verdict=lost',
      'verdict=,',
      'since=0001-01-01',
      'judgedAfter=2026-01-01T00:00:00Z',
    ])
      expect(await code(await ask(`/calls?${query}`, cookie)), query).toBe('QUERY_INVALID')
    const { buckets } = await get(histogramSchema, '/calls/histogram?since=2000-01-01&buckets=3', cookie)
    expect(buckets.length).toBeLessThanOrEqual(4)
  })

  test('a body larger than anything the API takes is refused before anybody is asked who they are', async () => {
    const answer = await fetch(`${hub.consoleUrl}/api/v1/session`, { ...post, body: 'x'.repeat(100_000) })
    expect(await code(answer)).toBe('REQUEST_TOO_LARGE')
  })

  test('who asked for a link, for which session and which roles, is an act before the link is given', async () => {
    await link('viewer', 'content')
    const acts = await journalOf(stand.dataDir, 'hub')
    const minted = acts.findLast((line) => line.type === 'session.minted')
    expect(minted?.body).toMatchObject({ by: 'socket-owner', roles: ['viewer', 'content'] })
    expect(minted?.body['who']).toMatch(/^session-[0-9a-f]{8}$/)
  })

  test('the description of the API is OpenAPI 3.1 with every route, and needs no session', async () => {
    const answer = await fetch(`${hub.consoleUrl}/api/v1/openapi.json`)
    const spec = z
      .object({
        openapi: z.string(),
        paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
      })
      .parse(await answer.json())
    expect(spec.openapi).toBe('3.1.0')
    const ids = Object.values(spec.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))
    expect(ids).toHaveLength(routeTable.length)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('the page itself may load nothing from elsewhere and may not be framed', async () => {
    const answer = await fetch(`${hub.consoleUrl}/calls/anything`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
  })
})
