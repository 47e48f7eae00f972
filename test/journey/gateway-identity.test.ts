import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readKeyUse } from '../../src/capture/gateway/service-key-use.ts'
import { createServiceKey } from '../../src/capture/gateway/service-keys.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { journalOf, type Stand, startStand, temporaryDir } from '../fakes/stand.ts'

// Over TLS, with certificates, behind a proxy that signs people in, and with keys that may do only some things.

const tls = (name: string) => join(import.meta.dirname, '../fixtures/tls', name)
const ca = readFileSync(tls('ca.pem'))
const pair = (name: string) => ({ cert: readFileSync(tls(`${name}.pem`)), key: readFileSync(tls(`${name}.key`)) })
const secret = randomBytes(32)
const secretFile = join(temporaryDir('proxy-secret'), 'secret')
const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 50,
  messages: [{ role: 'user', content: 'x' }],
})

let stand: Stand

beforeAll(async () => {
  writeFileSync(secretFile, secret)
  const fingerprint = createHash('sha256')
    .update(new X509Certificate(pair('proxy').cert).raw)
    .digest('hex')
  stand = await startStand({
    gateway: {
      tls: { certFile: tls('server.pem'), keyFile: tls('server.key'), clientCaFile: tls('ca.pem') },
      heartbeat: '200ms',
    },
    identity: {
      clientCertificates: { subjectFrom: 'email' },
      proxy: { issuer: 'sso.example.com', secretFile, fingerprints: [fingerprint] },
    },
  })
})
afterAll(() => stand.close())

interface Sent {
  readonly headers?: Record<string, string>
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer }
  readonly model?: string
}

const call = ({ headers = {}, certificate, model = haiku }: Sent) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = {
      method: 'POST',
      ca,
      agent: false as const,
      headers: { 'content-type': 'application/json', ...headers },
      ...certificate,
    }
    const outgoing = request(`${stand.gateway.url}/model/${model}/invoke`, options, (answer) => {
      let text = ''
      answer.on('data', (chunk) => (text += String(chunk)))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
const intents = async () =>
  (await journalOf(stand.dataDir)).filter(({ type }) => type === 'call.intent').map((line) => line.body)

test('a certificate of our authority is a person; one of another authority is nobody, whatever it is called', async () => {
  expect((await call({ certificate: pair('alice') })).status).toBe(200)
  expect((await intents()).at(-1)).toMatchObject({ credential: 'client_certificate', principal: 'person' })
  expect((await call({ certificate: pair('foreign') })).status).toBe(401)
})

test('HTTP/2 is agreed on by ALPN, and the certificate counts there as well', async () => {
  const session = connectHttp2(stand.gateway.url, { ca, ...pair('alice') })
  const status = await new Promise((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request({
      ':method': 'POST',
      ':path': `/model/${haiku}/invoke`,
      'content-type': 'application/json',
    })
    stream.once('response', (headers) => resolve(headers[':status']))
    stream.end(body)
    stream.resume()
  })
  session.close()
  expect(status).toBe(200)
  expect((await intents()).at(-1)).toMatchObject({ credential: 'client_certificate' })
})

test('nothing older than TLS 1.2 is spoken, and nothing in clear', async () => {
  const { port } = new URL(stand.gateway.url)
  const old = await new Promise((resolve) => {
    const socket = connectTls({ port: Number(port), host: '127.0.0.1', ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })
    socket.once('error', () => resolve('refused'))
    socket.once('secureConnect', () => resolve('spoken'))
  })
  expect(old).toBe('refused')
  const clear = await new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'))
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')))
    socket.once('close', () => resolve('closed'))
    socket.once('error', () => resolve('closed'))
  })
  expect(String(clear)).not.toContain('HTTP/1.1 200')
})

test('plain identity headers are believed from the proxy’s own certificate, and from nobody else', async () => {
  const headers = { 'x-forwarded-user': 'u-77', 'x-forwarded-email': 'bob@example.com', 'x-forwarded-groups': 'a, b' }
  expect((await call({ headers, certificate: pair('proxy') })).status).toBe(200)
  expect((await intents()).at(-1)).toMatchObject({ credential: 'trusted_proxy' })
  expect((await call({ headers })).status).toBe(401)
  expect((await call({ certificate: pair('proxy') })).status).toBe(401)
  await call({ headers, certificate: pair('alice') })
  expect((await intents()).at(-1)).toMatchObject({ credential: 'client_certificate' })
})

test('an assertion of the shared secret is believed for a minute, and only for this gateway and that proxy', async () => {
  const assert = (more: { secret?: Uint8Array; issuer?: string; audience?: string; at?: number } = {}) =>
    new SignJWT({ groups: ['claude-users'], team: 'payments' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('u-78')
      .setIssuer(more.issuer ?? 'sso.example.com')
      .setAudience(more.audience ?? 'triptych-gateway')
      .setIssuedAt(Math.floor((more.at ?? Date.now()) / 1000))
      .sign(more.secret ?? secret)
  const said = async (assertion: string) => (await call({ headers: { 'x-triptych-assertion': assertion } })).status
  expect(await said(await assert())).toBe(200)
  expect((await intents()).at(-1)).toMatchObject({ credential: 'trusted_proxy', team: 'payments' })
  expect(await said(await assert({ secret: randomBytes(32) }))).toBe(401)
  expect(await said(await assert({ issuer: 'other' }))).toBe(401)
  expect(await said(await assert({ audience: 'other' }))).toBe(401)
  expect(await said(await assert({ at: Date.now() - 300_000 }))).toBe(401)
})

test('a key made for one model may use that one, and when it was last used is known', async () => {
  const path = join(stand.dataDir, 'config', 'service-keys.json')
  const wanted = { name: 'haiku-only', models: ['anthropic.claude-haiku-*'], operations: ['InvokeModel'], days: 1 }
  const { key, token } = await createServiceKey(path, wanted, systemClock, randomBytes)
  await expect
    .poll(async () => (await call({ headers: { authorization: `Bearer ${token}` } })).status, { timeout: 4_000 })
    .toBe(200)
  expect((await call({ headers: { authorization: `Bearer ${token}` }, model: sonnet })).status).toBe(403)
  await expect
    .poll(async () => (await readKeyUse(join(stand.dataDir, 'config', 'service-key-use'))).get(key.id), {
      timeout: 4_000,
    })
    .toMatch(/Z$/)
})

test('a storm of one wrong token is one record and a count', async () => {
  const before = (await journalOf(stand.dataDir)).length
  for (let i = 0; i < 30; i++)
    expect((await call({ headers: { authorization: 'Bearer wrong.token.here' } })).status).toBe(401)
  const since = async (type: string) =>
    (await journalOf(stand.dataDir)).slice(before).filter((line) => line.type === type)
  await expect
    .poll(
      async () => (await since('refusals.repeated')).reduce((sum, { body: said }) => sum + Number(said['count']), 0),
      { timeout: 4_000 },
    )
    .toBe(29)
  expect(await since('call.refused')).toHaveLength(1)
  expect(JSON.stringify(await journalOf(stand.dataDir))).not.toContain('wrong.token')
})
