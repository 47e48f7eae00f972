import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIssuerKeys } from './oidc-keys.ts'

let server: Server
let issuer: string
let keys: object[]
let asked: number
let down: boolean

beforeEach(async () => {
  asked = 0
  down = false
  server = createServer((request, response) => {
    if (down) return void response.writeHead(503).end()
    if (request.url === '/jwks') asked += 1
    response.end(JSON.stringify(request.url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterEach(() => void server.close())

async function signer(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' },
    token: () => new SignJWT({ sub: 'x' }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey),
  }
}

test('a rotated key is found when a token names it, and an unknown one is asked for no more than every five seconds', async () => {
  const [first, second] = [await signer('one'), await signer('two')]
  keys = [first.jwk]
  let at = 0
  const resolve = createIssuerKeys({ issuer }, () => at)
  await jwtVerify(await first.token(), resolve)
  keys = [second.jwk]
  for (let i = 0; i < 20; i++) await expect(jwtVerify(await second.token(), resolve)).rejects.toThrow()
  expect(asked).toBe(1)
  at += 6_000
  await jwtVerify(await second.token(), resolve)
  expect(asked).toBe(2)
})

test('while the issuer is away its last keys hold for a day, and then nothing is believed', async () => {
  const one = await signer('one')
  keys = [one.jwk]
  let at = 0
  const resolve = createIssuerKeys({ issuer }, () => at)
  await jwtVerify(await one.token(), resolve)
  down = true
  at += 23 * 3_600_000
  await jwtVerify(await one.token(), resolve)
  at += 2 * 3_600_000
  await expect(jwtVerify(await one.token(), resolve)).rejects.toMatchObject({ code: 'CREDENTIAL_UNCHECKED' })
  down = false
  at += 6_000
  await jwtVerify(await one.token(), resolve)
})

test('keys that were never known, and a discovery document of another issuer, are nobody’s keys', async () => {
  const one = await signer('one')
  keys = [one.jwk]
  down = true
  await expect(jwtVerify(await one.token(), createIssuerKeys({ issuer }))).rejects.toMatchObject({
    code: 'CREDENTIAL_UNCHECKED',
  })
  down = false
  const foreign = createIssuerKeys({ issuer: `${issuer}/` })
  await expect(jwtVerify(await one.token(), foreign)).rejects.toMatchObject({ code: 'CREDENTIAL_UNCHECKED' })
})
