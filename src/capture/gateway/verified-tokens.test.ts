import { expect, test } from 'vitest'
import { HeldClock } from '../../platform/clock.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { Principal } from '../../record/principal.ts'
import { rememberVerified } from './verified-tokens.ts'

const principal: Principal = {
  kind: 'person',
  credential: 'oidc',
  issuer: 'https://idp.example.com',
  subject: 's',
  email: undefined,
  name: undefined,
  groups: [],
  team: undefined,
  project: undefined,
}

function stand(expiresAt: number) {
  const clock = new HeldClock()
  clock.hold(0)
  let verified = 0
  const verify = rememberVerified(async (token) => {
    verified += 1
    if (token === 'bad' || clock.now() >= expiresAt) throw new TriptychError('CREDENTIAL_INVALID', { kind: 'oidc' })
    return { principal, expiresAt }
  }, clock)
  return { clock, verify, count: () => verified }
}

test('a token is verified once in half a minute, then again', async () => {
  const { clock, verify, count } = stand(1e9)
  await verify('good')
  clock.hold(29_000)
  await verify('good')
  expect(count()).toBe(1)
  clock.hold(31_000)
  await verify('good')
  expect(count()).toBe(2)
})

test('an expired token is no answer, however lately it was verified', async () => {
  const { clock, verify } = stand(10_000)
  await verify('good')
  clock.hold(10_000)
  await expect(verify('good')).rejects.toThrow('CREDENTIAL_INVALID')
})

test('a refused token is refused every time; one letter more is another token', async () => {
  const { verify, count } = stand(1e9)
  await expect(verify('bad')).rejects.toThrow()
  await expect(verify('bad')).rejects.toThrow()
  await verify('good')
  await verify('good2')
  expect(count()).toBe(4)
})
