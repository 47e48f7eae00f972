import { expect, test } from 'vitest'
import { witnessMarks } from './witness-marks.ts'

const none = { access: false, gateway: false, content: false }
const said = (call: Parameters<typeof witnessMarks>[0]) => witnessMarks(call).map(({ says }) => says)

test('a bypass says that the gateway should have seen it', () => {
  expect(
    said({ seen: { ...none, access: true }, findings: ['bypass:bearer_key', 'blind:content'], verdict: 'bypass' }),
  ).toEqual([
    'access (CloudTrail) saw it',
    'gateway should have seen it and did not',
    'content (invocation log) could not see',
  ])
})

test('what is awaited, missing and not needed are three things', () => {
  expect(said({ seen: { ...none, gateway: true }, findings: ['awaited:access'], verdict: 'pending' })).toEqual([
    'access (CloudTrail) not due yet',
    'gateway saw it',
    'content (invocation log) need not have seen it',
  ])
  expect(said({ seen: { ...none, gateway: true }, findings: ['missing:access'], verdict: 'unlogged' })[0]).toBe(
    'access (CloudTrail) should have seen it and did not',
  )
})

test('letters and names are those of the command line', () => {
  const seen = witnessMarks({ seen: none, findings: [], verdict: 'pending' })
  expect(seen.map(({ letter, layer }) => `${letter} ${layer}`)).toEqual(['A access', 'G gateway', 'C content'])
})
