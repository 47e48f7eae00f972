import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { walk } from './browser.ts'
import { distribute, type Laptop, laptop, runProcess } from './laptop.ts'
import { clientId, type OidcServer, resource, startOidcServer } from './oidc-server.ts'

// Against a real OpenID provider; the person's part is done over HTTP as a browser does it.

let server: OidcServer
let alice: Laptop
const settings = () => ({ issuer: server.issuer, client_id: clientId, scope: 'openid call', resource })
const refreshes = () => server.granted.filter((grant) => grant === 'refresh_token').length

beforeAll(async () => {
  server = await startOidcServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.tokenSeconds = 3600
  server.failWith = undefined
  server.granted.length = 0
  alice = laptop()
  distribute(alice, settings())
})
afterEach(() => alice.remove())

test('a developer signs in with the browser and the token is printed alone', async () => {
  expect(await alice.run('login')).toBe(0)
  expect(alice.said()).toMatchObject({ out: '', err: expect.stringContaining('Signed in as alice') })
  const address = new URL(alice.opened[0] ?? '')
  expect(address.searchParams.get('code_challenge_method')).toBe('S256')
  expect(address.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  expect(await alice.run('token')).toBe(0)
  expect(alice.said()).toEqual({ out: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+\n$/), err: '' })
})

test('without a display, or when asked to, a code on another device does it', async () => {
  for (const [person, args] of [
    [laptop('bob', { env: { DISPLAY: '', SSH_TTY: '/dev/pts/1' } }), ['login']],
    [laptop('bob'), ['login', '--device']],
  ] as const) {
    distribute(person, settings())
    expect(await person.run(...args)).toBe(0)
    expect(person.opened).toEqual([])
    expect(person.said().err).toContain('Signed in as bob')
    expect(await person.run('token')).toBe(0)
    expect(person.said().out).toMatch(/^ey/)
    person.remove()
  }
})

test('flags alone are enough, and token needs none of them again', async () => {
  const bare = laptop()
  const given = ['--issuer', server.issuer, '--client-id', clientId, '--scope', 'openid call', '--resource', resource]
  expect(await bare.run('login', ...given)).toBe(0)
  expect(await bare.run('token')).toBe(0)
  bare.remove()
})

test('status says who, where and until when, and no token', async () => {
  await alice.run('login')
  await alice.run('token')
  const token = alice.said().out.trim()
  expect(await alice.run('status')).toBe(0)
  const { out } = alice.said()
  expect(out).toContain('Signed in as alice')
  expect(out).toContain(server.issuer)
  expect(out).not.toContain(token)
})

test('the ID token is handed out where the settings say so', async () => {
  distribute(alice, { ...settings(), token: 'id_token' })
  await alice.run('login')
  alice.said()
  await alice.run('token')
  const [, claims = ''] = alice.said().out.split('.')
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))).toMatchObject({ aud: clientId, sub: 'alice' })
})

test('a token that ends soon is replaced, and the new refresh token is kept for the next time', async () => {
  server.tokenSeconds = 30
  await alice.run('login')
  for (let round = 1; round <= 3; round++) {
    expect(await alice.run('token')).toBe(0)
    expect(refreshes()).toBe(round)
  }
  server.tokenSeconds = 3600
  await alice.run('token')
  await alice.run('token')
  expect(refreshes()).toBe(4)
})

test('twenty helpers at once around an expiry all get a token, of exactly one refresh', async () => {
  server.tokenSeconds = 30
  await alice.run('login')
  server.tokenSeconds = 3600
  distribute(alice, { ...settings(), timeout_seconds: 60 })
  const all = await Promise.all(Array.from({ length: 20 }, () => runProcess(alice, ['token'])))
  expect(all.map(({ code, err }) => ({ code, err }))).toEqual(Array(20).fill({ code: 0, err: '' }))
  expect(new Set(all.map(({ out }) => out)).size).toBe(1)
  expect(refreshes()).toBe(1)
})

test('a helper that is told to end while the answer to its refresh is on its way keeps the answer first', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    server.tokenSeconds = 30
    await alice.run('login')
    server.tokenSeconds = 3600
    server.answerAfterMs = 500
    const before = refreshes()
    let helper: ChildProcess | undefined
    const ended = runProcess(alice, ['token'], undefined, (child) => {
      helper = child
    })
    await expect.poll(refreshes, { timeout: 20_000 }).toBe(before + 1)
    helper?.kill(signal)
    await ended
    server.answerAfterMs = 0
    expect(await runProcess(alice, ['token']), signal).toMatchObject({ code: 0, err: '' })
    expect(refreshes()).toBe(before + 1)
  }
})

test('a lock that a killed helper left behind is passed over', async () => {
  server.tokenSeconds = 30
  await alice.run('login')
  server.tokenSeconds = 3600
  const gone = await runProcess(alice, ['--help'])
  expect(gone.code).toBe(0)
  writeFileSync(join(alice.home, '.local/state/triptych-signin/lock.9'), '4194305')
  expect(await alice.run('token')).toBe(0)
  expect(refreshes()).toBe(1)
})

test('while the provider is away a valid token is used; an expired one is one sentence', async () => {
  server.tokenSeconds = 30
  await alice.run('login')
  alice.said()
  server.failWith = 503
  expect(await alice.run('token')).toBe(0)
  expect(alice.said().out).toMatch(/^ey/)
  const later = laptop('alice', { home: alice.home, now: () => Date.now() + 60_000, env: alice.machine.env as never })
  expect(await later.run('token')).toBe(3)
  expect(later.said()).toEqual({
    out: '',
    err: 'The identity provider did not answer: check the network and try again.\n',
  })
  server.failWith = undefined
  expect(await later.run('token')).toBe(0)
  later.remove()
})

test('a provider that takes the question and never answers is waited for no longer than the time allowed', async () => {
  server.tokenSeconds = 1
  distribute(alice, { ...settings(), timeout_seconds: 2 })
  await alice.run('login')
  server.failWith = 0
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(await runProcess(alice, ['token'])).toEqual({
    code: 3,
    out: '',
    err: 'The identity provider did not answer: check the network and try again.\n',
  })
})

test('a sign-in that the provider has ended is removed, and the sentence says to sign in again', async () => {
  server.tokenSeconds = 30
  await alice.run('login')
  server.forgetAll()
  alice.said()
  expect(await alice.run('token')).toBe(1)
  expect(alice.said()).toEqual({
    out: '',
    err: 'The identity provider has ended this sign-in: sign in again with `triptych-signin login`.\n',
  })
  expect(await alice.run('token')).toBe(1)
  expect(alice.said().err).toBe('Not signed in: run `triptych-signin login`.\n')
})

test('logout revokes the refresh token at the provider and forgets it here', async () => {
  server.tokenSeconds = 30
  await alice.run('login')
  const file = join(alice.home, '.local/state/triptych-signin/signin.json')
  const stolen = readFileSync(file, 'utf8')
  expect(await alice.run('logout')).toBe(0)
  expect(server.granted).toContain('revocation')
  expect(await alice.run('token')).toBe(1)
  writeFileSync(file, stolen, { mode: 0o600 })
  alice.said()
  expect(await alice.run('token')).toBe(1)
  expect(alice.said().err).toContain('has ended this sign-in')
})

test('logout forgets it here even when the provider is away, and says so', async () => {
  await alice.run('login')
  server.failWith = 503
  alice.said()
  expect(await alice.run('logout')).toBe(3)
  expect(alice.said().err).toContain('could not be told')
  expect(await alice.run('token')).toBe(1)
})

test('token never opens a browser and, without a sign-in, says one sentence', async () => {
  expect(await alice.run('token')).toBe(1)
  expect(alice.said()).toEqual({ out: '', err: 'Not signed in: run `triptych-signin login`.\n' })
  expect(alice.opened).toEqual([])
})

test('a sign-in with another issuer than the settings name is not handed out', async () => {
  await alice.run('login')
  distribute(alice, { ...settings(), issuer: 'https://other.example.com' })
  alice.said()
  expect(await alice.run('token')).toBe(1)
  expect(alice.said()).toMatchObject({ out: '', err: expect.stringContaining('another issuer') })
})

test('nobody who does not sign in is waited for longer than the time allowed', async () => {
  const absent = laptop('')
  distribute(absent, { ...settings(), login_timeout_seconds: 1 })
  expect(await absent.run('login')).toBe(1)
  expect(absent.said().err).toContain('Nobody signed in within the time allowed')
  absent.remove()
})

test('a connection that the browser opened ahead and never used does not keep the program', async () => {
  const ahead: Socket[] = []
  const mine = laptop('alice', {
    start: (_program, args) => {
      const address = args.at(-1) ?? ''
      const { port } = new URL(new URL(address).searchParams.get('redirect_uri') ?? '')
      const socket = connect(Number(port), '127.0.0.1', () => void walk(address, 'alice'))
      ahead.push(socket)
    },
  })
  distribute(mine, settings())
  expect(await mine.run('login')).toBe(0)
  await expect.poll(() => ahead[0]?.closed).toBe(true)
  mine.remove()
})

test('an answer without the right state is nobody’s, and does not end the sign-in', async () => {
  const answers: number[] = []
  const attacked: Laptop = laptop('alice', {
    start: (_program, args) => {
      const address = args.at(-1) ?? ''
      const place = new URL(address).searchParams.get('redirect_uri') ?? ''
      const forged = ['', '?code=x&state=wrong', '?error=access_denied'].map(async (query) =>
        answers.push((await fetch(place + query)).status),
      )
      void Promise.all(forged).then(() => walk(address, 'alice'))
    },
  })
  distribute(attacked, settings())
  expect(await attacked.run('login')).toBe(0)
  expect(answers).toEqual([400, 400, 400])
  attacked.remove()
})
