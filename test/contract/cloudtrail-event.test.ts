import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCloudTrail } from '../../src/capture/access/read-cloudtrail.ts'
import { readAccessEvent, toAccessEvent } from '../../src/capture/access/to-access-event.ts'
import { RecordSplitter } from '../../src/platform/json/split-records.ts'
import { isTriptychError } from '../../src/platform/triptych-error.ts'
import { accessEventSchema, longestRecord, pseudonymOf } from '../../src/record/access-event.ts'
import { fieldsRefused } from '../../src/record/field-class.ts'
import { randomEvent } from '../fixtures/cloudtrail/random-event.ts'

const key = Buffer.alloc(32, 9)
const base = { eventID: '51d580ea-04f5-421c-b733-b5e4ec485a6e', eventTime: '2024-10-17T20:11:24Z' }
const alias = 'p0123456789abcdefghjk'

test('every field of an access event may be written where only metadata may be', () => {
  expect(fieldsRefused(accessEventSchema, ['metadata'])).toEqual([])
})

test('any value at all becomes an event of the right form or RECORD_INVALID', () => {
  const anything = fc.oneof(
    fc.anything(),
    randomEvent,
    fc.record({ eventID: fc.anything(), eventTime: fc.anything(), userIdentity: fc.anything() }),
  )
  fc.assert(
    fc.property(anything, (raw) => {
      try {
        const { event } = readAccessEvent(raw, key)
        expect(accessEventSchema.safeParse(event).success).toBe(true)
      } catch (cause) {
        expect(isTriptychError(cause, 'RECORD_INVALID')).toBe(true)
      }
    }),
    { numRuns: 1_000, seed: 11 },
  )
})

test('a person keeps one pseudonym; aliases of ours, instances, roles and services stay readable', () => {
  const arnOf = (arn: string) => toAccessEvent({ ...base, userIdentity: { arn } }, key)
  const pseudonym = pseudonymOf(key, 'alice')
  expect(pseudonym).toMatch(/^q[0-9a-f]{20}$/)
  const cases: readonly [string, string, string][] = [
    ['arn:aws:sts::1:assumed-role/R/alice', `arn:aws:sts::1:assumed-role/R/${pseudonym}`, pseudonym],
    ['arn:aws:iam::1:user/people/alice', `arn:aws:iam::1:user/people/${pseudonym}`, pseudonym],
    [`arn:aws:sts::1:assumed-role/R/${alias}`, `arn:aws:sts::1:assumed-role/R/${alias}`, alias],
    [
      'arn:aws:sts::1:assumed-role/R/i-03cd6b2a7eb4bf3ae',
      'arn:aws:sts::1:assumed-role/R/i-03cd6b2a7eb4bf3ae',
      'i-03cd6b2a7eb4bf3ae',
    ],
    ['arn:aws:iam::1:role/R', 'arn:aws:iam::1:role/R', ''],
    ['arn:aws:iam::1:root', 'arn:aws:iam::1:root', ''],
  ]
  for (const [arn, kept, part] of cases) {
    const event = arnOf(arn)
    expect([event.principalArn, event.principalAlias]).toEqual([kept, part])
  }
  const service = toAccessEvent({ ...base, userIdentity: { type: 'AWSService', invokedBy: 'rds.amazonaws.com' } }, key)
  expect([service.principalArn, service.principalAlias]).toEqual(['rds.amazonaws.com', ''])
})

test('an address is a pseudonym with its kind; a service of AWS keeps its name', () => {
  const sourceOf = (sourceIPAddress: string) => toAccessEvent({ ...base, sourceIPAddress }, key)
  expect(sourceOf('10.8.8.10')).toMatchObject({ sourceAddress: pseudonymOf(key, '10.8.8.10'), sourceKind: 'private' })
  expect(sourceOf('035.249.253.232').sourceKind).toBe('public')
  expect(sourceOf('172.32.0.1').sourceKind).toBe('public')
  expect(sourceOf('fd00::1').sourceKind).toBe('private')
  expect(sourceOf('rds.amazonaws.com')).toMatchObject({ sourceAddress: 'rds.amazonaws.com', sourceKind: 'aws' })
  expect(sourceOf('somewhere else').sourceKind).toBe('unknown')
})

test('the call id is read from the exact User-Agent our gateway sends, and from no other', () => {
  const id = 'gw01234567890123456789abcdefghjkmnpqrs'
  const callIdOf = (userAgent: string) => toAccessEvent({ ...base, userAgent }, key).callId
  expect(callIdOf(`triptych/0.1.0 call/${id}`)).toBe(id)
  for (const other of [
    `triptych/0.1.0 call/${id} x`,
    `x triptych/0.1.0 call/${id}`,
    `triptych/0.1.0 call/${id.toUpperCase()}`,
  ]) {
    expect(callIdOf(other)).toBe('')
  }
})

test('a bearer key is seen in each of the places where AWS says it', () => {
  for (const raw of [
    { additionalEventData: { callWithBearerToken: true } },
    { requestParameters: { callWithBearerToken: true, bearerTokenType: 'ABSK' } },
    { requestParameters: { bearerTokenType: 'SHORT_TERM' } },
  ]) {
    expect(toAccessEvent({ ...base, ...raw }, key).bearer).toBe(true)
  }
  expect(toAccessEvent({ ...base, requestParameters: { callWithBearerToken: false } }, key).bearer).toBe(false)
})

test('a model call is its own record; what attaches to a call is none', () => {
  const isCall = (eventSource: string, eventName: string, eventType = 'AwsApiCall') =>
    toAccessEvent({ ...base, eventSource, eventName, eventType }, key).isCall
  expect(isCall('bedrock.amazonaws.com', 'ConverseStream')).toBe(true)
  expect(isCall('bedrock-mantle.amazonaws.com', 'CreateInference')).toBe(true)
  expect(isCall('bedrock.amazonaws.com', 'InvokeModel', 'AwsVpceEvent')).toBe(false)
  expect(isCall('bedrock.amazonaws.com', 'InvokeModel', 'AwsServiceEvent')).toBe(false)
  expect(isCall('s3.amazonaws.com', 'InvokeModel')).toBe(false)
})

test('the request is kept for events that change the evidence, and for no other', () => {
  const requestParameters = { name: 'trail' }
  const kept = (eventSource: string, eventName: string) =>
    toAccessEvent({ ...base, eventSource, eventName, requestParameters }, key).evidenceParams
  expect(kept('cloudtrail.amazonaws.com', 'StopLogging')).toBe('{"name":"trail"}')
  expect(kept('sts.amazonaws.com', 'AssumeRole')).toBe('')
  expect(kept('constructor', 'StopLogging')).toBe('')
})

test('a file cut into records gives the same whatever the size of its chunks', () => {
  const texts = fc.array(
    fc.oneof(
      randomEvent.map((event) => JSON.stringify(event)),
      fc.constantFrom('5', '{"a":', 'null', '"x', '[1]', ']', '}', ''),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom(',', '\n', ''),
      fc.boolean(),
      fc.integer({ min: 1, max: 64 }),
      (records, separator, listed, size) => {
        const bytes = Buffer.from(listed ? `{"Records":[${records.join(separator)}]}` : records.join(separator))
        expect(cut(bytes, size)).toEqual(cut(bytes, bytes.length + 1))
      },
    ),
    { numRuns: 300, seed: 5 },
  )
})

test('any bytes at all are read to the end, every rejection with a reason of the closed list', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      for await (const one of readCloudTrail(once(bytes), key)) {
        if ('rejected' in one) expect(one.rejected.reason.length).toBeGreaterThan(5)
      }
    }),
    { numRuns: 300, seed: 5 },
  )
})

test('a record over 1 MB is passed over and named, and the next is read', async () => {
  const records = [{ ...base, x: 'y'.repeat(1_000_001) }, base]
  const seen: string[] = []
  for await (const one of readCloudTrail(once(Buffer.from(JSON.stringify(records))), key)) {
    seen.push('rejected' in one ? one.rejected.code : one.event.eventId)
  }
  expect(seen).toEqual(['too_large', base.eventID])
})

function cut(bytes: Buffer, size: number) {
  const splitter = new RecordSplitter(longestRecord)
  const found = []
  for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)))
  return [...found, ...splitter.end()]
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
