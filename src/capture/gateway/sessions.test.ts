import { randomBytes } from 'node:crypto'
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { mintAlias } from '../../record/alias.ts'
import type { SessionOpened } from '../../record/gateway-call.ts'
import { createSessionOpener, createSessions, type OpenerOptions, type SessionOptions } from './sessions.ts'

function stand(options: Partial<SessionOptions & OpenerOptions> = {}) {
  const clock = { at: Date.parse('2026-11-23T08:00:00Z'), now: () => clock.at }
  const asked: unknown[] = []
  const records: SessionOpened[] = []
  const sts = { away: false }
  const send = async (command: unknown) => {
    asked.push(command)
    await new Promise((resolve) => setImmediate(resolve))
    if (sts.away) throw Object.assign(new RangeError(), { name: 'ServiceUnavailable' })
    const n = String(asked.length).padStart(16, '0')
    const Expiration = new Date(clock.at + 3_600_000)
    return { Credentials: { AccessKeyId: `ASIA${n}`, SecretAccessKey: 's', SessionToken: 't', Expiration } }
  }
  const open = createSessionOpener({
    // Only `send` is used of the client.
    sts: () => ({ send }) as never,
    roleArn: 'arn:aws:iam::111122223333:role/TriptychInvoke',
    mode: 'assumeRole',
    clock,
    simulated: false,
    record: async (opened) => records.push(opened),
    ...options,
  })
  const sessions = createSessions({ open, clock, ...options })
  return { sessions, clock, asked, records, sts }
}

const owner = () => ({ alias: mintAlias(randomBytes), team: 'core', project: '' })

test('on a Monday morning five thousand people get a session each, and each is asked for once however many calls wait', async () => {
  const { sessions, asked, records } = stand()
  const people = Array.from({ length: 5_000 }, owner)
  await Promise.all([...people, ...people, ...people].map((one) => sessions.get(one)))
  expect(asked).toHaveLength(5_000)
  expect(records).toHaveLength(5_000)
})

test('a session is renewed ahead of its end while calls go on with the old one; a renewal that fails costs nothing', async () => {
  const { sessions, clock, asked, sts } = stand()
  const alice = owner()
  const first = await sessions.get(alice)
  clock.at += 56 * 60_000
  sts.away = true
  expect(await sessions.get(alice)).toBe(first)
  await new Promise((resolve) => setTimeout(resolve, 5))
  sts.away = false
  expect(await sessions.get(alice)).toBe(first)
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect((await sessions.get(alice)).accessKeyId).not.toBe(first.accessKeyId)
  expect(asked).toHaveLength(3)
})

test('while STS is away a call is refused, or goes out with the gateway’s own credentials where that is configured', async () => {
  const strict = stand()
  strict.sts.away = true
  await expect(strict.sessions.get(owner())).rejects.toMatchObject({
    code: 'GATEWAY_SESSION_FAILED',
    facts: { reason: 'ServiceUnavailable' },
  })
  const shared = async () => ({ accessKeyId: 'AKIAOWN', secretAccessKey: 's' })
  const lenient = stand({ shared })
  lenient.sts.away = true
  const alice = owner()
  expect(await lenient.sessions.get(alice)).toMatchObject({ accessKeyId: 'AKIAOWN', of: 'shared' })
  lenient.sts.away = false
  expect(await lenient.sessions.get(alice)).toMatchObject({ of: 'person' })
})

test('with web identity AWS gets the person’s own token; who has none gets a session by the gateway’s credentials', async () => {
  const { sessions, asked, records } = stand({ mode: 'webIdentity' })
  await sessions.get({ ...owner(), token: 'the.persons.token' })
  await sessions.get(owner())
  expect(asked[0]).toBeInstanceOf(AssumeRoleWithWebIdentityCommand)
  expect(asked[1]).toBeInstanceOf(AssumeRoleCommand)
  expect(records.map(({ openedBy }) => openedBy)).toEqual(['web_identity', 'assume_role'])
  expect(JSON.stringify(records)).not.toContain('the.persons.token')
})

test('no more sessions are kept than there is room for; the longest unused goes first', async () => {
  const { sessions, asked } = stand({ most: 2 })
  const [a, b, c] = [owner(), owner(), owner()]
  await sessions.get(a)
  await sessions.get(b)
  await sessions.get(a)
  await sessions.get(c)
  await sessions.get(a)
  expect(asked).toHaveLength(3)
  await sessions.get(b)
  expect(asked).toHaveLength(4)
})
