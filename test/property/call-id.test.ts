import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aliasPattern, mintAlias } from '../../src/record/alias.ts'
import {
  callIdInUserAgent,
  callIdPattern,
  gatewayTagOf,
  isOurCallId,
  mintCallId,
  timeOfCallId,
  userAgentOf,
} from '../../src/record/call-id.ts'

const key = randomBytes(32)
const times = fc.integer({ min: 0, max: 2 ** 47 })
const mint = (at: number) => mintCallId({ gatewayTag: 'gw01', at, random: randomBytes, key })

test('an id says its gateway and its time, and its MAC is ours', () => {
  fc.assert(
    fc.property(times, (at) => {
      const id = mint(at)
      expect(id).toMatch(callIdPattern)
      expect([gatewayTagOf(id), timeOfCallId(id), isOurCallId(id, key)]).toEqual(['gw01', at, true])
    }),
  )
})

test('changing any character makes it not ours', () => {
  const id = mint(1_700_000_000_000)
  for (let at = 0; at < id.length; at++) {
    const other = id[at] === '0' ? '1' : '0'
    expect(isOurCallId(`${id.slice(0, at)}${other}${id.slice(at + 1)}`, key), `position ${at}`).toBe(false)
  }
  expect(isOurCallId(id, randomBytes(32))).toBe(false)
})

test('ids of one gateway sort by time', () => {
  fc.assert(fc.property(times, times, (a, b) => a === b || mint(a) < mint(b) === a < b))
})

test('the user agent carries it, and any text can be asked for one', () => {
  const id = mint(1)
  expect(callIdInUserAgent(userAgentOf('0.1.0', id))).toBe(id)
  fc.assert(fc.property(fc.string(), (text) => callIdInUserAgent(text) === undefined))
})

test('an alias fits what STS takes as a session name', () => {
  for (let i = 0; i < 200; i++) {
    const alias = mintAlias(randomBytes)
    expect(alias).toMatch(aliasPattern)
    expect(alias).toMatch(/^[\w+=,.@-]{2,64}$/)
  }
})
