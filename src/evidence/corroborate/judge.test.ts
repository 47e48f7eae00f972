import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccessWitness, Call, ContentWitness, GatewayWitness } from '../../record/call.ts'
import { isOurCallId, mintCallId } from '../../record/call-id.ts'
import { findingCode } from '../../record/finding.ts'
import { outcomes } from '../../record/outcome.ts'
import { verdicts } from '../../record/verdict.ts'
import { groupCalls } from './group-calls.ts'
import { type JudgeContext, judge } from './judge.ts'

const key = randomBytes(32)
const start = Date.parse('2026-11-23T10:00:00Z')
const id = mintCallId({ gatewayTag: 'gw01', at: start, random: randomBytes, key })
const alias = 'p0123456789abcdefghjk'
const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const role = 'arn:aws:iam::111122223333:role/TriptychInvoke'
const tokens = { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 }
const place = { account: '111122223333', region: 'us-east-1', simulated: false }

const gateway: GatewayWitness = {
  ...place,
  callId: id,
  gateway: 'gateway-gw01',
  stage: 'outcome',
  alias,
  operation: 'InvokeModel',
  model,
  team: 'core',
  project: 'x',
  session: '',
  agent: '',
  costCentre: '',
  policy: '1@abc',
  rule: 'all',
  awsSession: 'person',
  costMicroUsd: undefined,
  pricesOf: '',
  result: 'success',
  refusalCode: '',
  httpStatus: 200,
  awsRequestId: 'r-1',
  ownRequestId: '',
  attempts: 1,
  tokens,
  stopReason: 'end_turn',
  startedAt: start,
  endedAt: start + 2000,
  durationMs: 2000,
  firstByteMs: 300,
}
const access: AccessWitness = {
  ...place,
  eventId: 'e-1',
  requestId: 'r-1',
  at: start + 2000,
  eventSource: 'bedrock.amazonaws.com',
  operation: 'InvokeModel',
  principalType: 'AssumedRole',
  principalArn: `arn:aws:sts::111122223333:assumed-role/TriptychInvoke/${alias}`,
  principalAlias: alias,
  roleArn: role,
  accessKeyId: 'ASIAOURS',
  sourceAddress: 'qgateway',
  callId: id,
  model,
  errorCode: '',
  bearer: false,
}
const content: ContentWitness = {
  ...place,
  requestId: 'r-1',
  at: start,
  operation: 'InvokeModel',
  principalArn: access.principalArn,
  principalAlias: alias,
  model: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${model}`,
  callId: id,
  errorCode: '',
  session: '',
  hasBody: true,
  tokens,
}
const hour = 3_600_000
const unknownCoverage = () => ({ state: 'unknown' as const, why: 'no snapshot' })
const context: JudgeContext = {
  now: start + 2 * hour,
  windowMs: { access: hour, content: hour, final: 24 * hour },
  readUntil: () => Number.POSITIVE_INFINITY,
  readFrom: () => Number.NEGATIVE_INFINITY,
  isOurCallId: (text) => isOurCallId(text, key),
  journalOf: () => 'complete',
  coverageOf: () => ({ state: 'complete', why: 'on' }),
  contentPolicy: () => 'keep',
  approvalOf: () => undefined,
  isOurSession: (accessKeyId) => accessKeyId === 'ASIAOURS',
  ourRoles: [role],
  hasGateway: true,
  foreign: [],
  gatewayAddresses: new Set(),
}
const call = (parts: Partial<Call>): Call => ({ gateway: undefined, access: [], content: [], ...parts })
const whole = call({ gateway, access: [access], content: [content] })
const foreign = {
  ...access,
  callId: '',
  accessKeyId: 'AKIAOTHER',
  roleArn: '',
  principalArn: 'arn:aws:iam::111122223333:user/q1',
  principalAlias: 'q1',
}
const verdictOf = (given: Call, changes: Partial<JudgeContext> = {}) => judge(given, { ...context, ...changes }).verdict
const findingsOf = (given: Call, changes: Partial<JudgeContext> = {}) =>
  judge(given, { ...context, ...changes }).findings.map(findingCode)

test('three witnesses that agree corroborate a call', () => {
  const judgement = judge(whole, context)
  expect(judgement).toMatchObject({ verdict: 'corroborated', findings: [], dueAt: undefined })
  expect(judgement.compared.every((row) => row.agree)).toBe(true)
  expect(judgement.compared.find((row) => row.field === 'person')?.strength).toBe('consistent')
  expect(judgement.compared.find((row) => row.field === 'model')?.strength).toBe('independent')
})

test('two witnesses are enough where the third was blind, and it is said why', () => {
  const blind = {
    coverageOf: (layer: string) =>
      layer === 'content'
        ? { state: 'blind' as const, why: 'logging is off' }
        : { state: 'complete' as const, why: 'on' },
  }
  expect(verdictOf(call({ gateway, access: [access] }), blind)).toBe('corroborated')
  expect(findingsOf(call({ gateway, access: [access] }), blind)).toEqual(['blind:content'])
})

test('content where the policy says none comes before everything else', () => {
  expect(verdictOf(whole, { contentPolicy: () => 'none' })).toBe('content_unexpected')
  expect(
    verdictOf(call({ gateway, access: [access], content: [{ ...content, hasBody: false }] }), {
      contentPolicy: () => 'none',
    }),
  ).toBe('corroborated')
})

test('what AWS saw and no gateway sent is a bypass, with the reason', () => {
  expect(findingsOf(call({ access: [foreign], content: [content] }))).toContain('bypass:not_our_role')
  expect(findingsOf(call({ access: [{ ...foreign, bearer: true }] }))).toContain('bypass:bearer_key')
  expect(findingsOf(call({ access: [{ ...foreign, eventSource: 'bedrock-mantle.amazonaws.com' }] }))).toContain(
    'bypass:other_endpoint',
  )
  expect(findingsOf(call({ access: [{ ...access, callId: '' }] }))).toContain('bypass:stolen_session')
  expect(findingsOf(call({ access: [{ ...access, callId: '', accessKeyId: 'ASIAUNKNOWN' }] }))).toContain(
    'bypass:unknown_session',
  )
  expect(findingsOf(call({ access: [access] }))).toContain('bypass:no_gateway_record')
})

test('a call id that is not ours helps nobody', () => {
  const forged = { ...foreign, callId: `${id.slice(0, 30)}00000000` }
  expect(findingsOf(call({ access: [forged] }))).toEqual(
    expect.arrayContaining(['call_id_not_ours', 'bypass:not_our_role']),
  )
})

test('a session of ours used from another address is a stolen one', () => {
  expect(findingsOf(whole, { gatewayAddresses: new Set(['qelsewhere']) })).toContain('bypass:stolen_session')
  expect(verdictOf(whole, { gatewayAddresses: new Set(['qgateway']) })).toBe('corroborated')
})

test('a call id of ours without a record is lost where the journal has a hole, and awaited while it is behind', () => {
  expect(verdictOf(call({ access: [access] }), { journalOf: () => 'hole' })).toBe('lost')
  expect(verdictOf(call({ access: [access], content: [content] }), { journalOf: () => 'behind' })).toBe('pending')
})

test('witnesses that contradict each other are a mismatch, field by field', () => {
  const cases: readonly [string, Call][] = [
    ['person', call({ gateway, access: [{ ...access, principalAlias: 'p000000000000000000zz' }], content: [content] })],
    [
      'model',
      call({ gateway, access: [{ ...access, model: 'anthropic.claude-3-haiku-20240307-v1:0' }], content: [content] }),
    ],
    ['region', call({ gateway, access: [{ ...access, region: 'eu-west-1' }], content: [content] })],
    ['account', call({ gateway, access: [{ ...access, account: '999999999999' }], content: [content] })],
    ['tokens', call({ gateway, access: [access], content: [{ ...content, tokens: { ...tokens, output: 21 } }] })],
    ['time', call({ gateway, access: [{ ...access, at: start + 10 * hour }], content: [content] })],
  ]
  for (const [field, given] of cases) {
    expect(verdictOf(given), field).toBe('mismatch')
    expect(findingsOf(given), field).toContain(`mismatch:${field}`)
  }
})

test('one call id in two calls is a mismatch, unless the gateway sent it twice', () => {
  const twice = call({ gateway, access: [access, { ...access, eventId: 'e-2', requestId: 'r-2' }], content: [content] })
  expect(findingsOf(twice)).toContain('call_id_repeated')
  expect(verdictOf(twice)).toBe('mismatch')
  expect(verdictOf(call({ ...twice, gateway: { ...gateway, attempts: 2 } }))).toBe('corroborated')
})

test('absence is judged only after the window, and only where the layer was complete', () => {
  const unseen = call({ gateway, content: [content] })
  expect(verdictOf(unseen, { now: start + 60_000 })).toBe('pending')
  expect(judge(unseen, { ...context, now: start + 60_000 }).dueAt).toBe(start + 2000 + hour)
  expect(verdictOf(unseen)).toBe('unlogged')
  expect(verdictOf(unseen, { coverageOf: () => ({ state: 'unknown', why: 'no snapshot' }) })).toBe('corroborated')
  expect(verdictOf(call({ gateway, access: [access] }))).toBe('content_missing')
})

test('nothing is missing that nobody has looked for yet', () => {
  const unseen = call({ gateway, content: [content] })
  expect(verdictOf(unseen, { readUntil: () => start + 60_000 })).toBe('pending')
})

test('a layer that is not known to show such a call accuses nobody', () => {
  const throttled = call({ gateway: { ...gateway, result: 'throttled', httpStatus: 429 } })
  expect(verdictOf(throttled)).toBe('uncorroborated')
  expect(findingsOf(throttled)).toEqual(['not_required:access', 'not_required:content'])
})

test('a gateway that died leaves an unknown outcome, also when AWS saw the call', () => {
  const unknown = { ...gateway, result: 'unknown' as const, awsRequestId: '' }
  expect(verdictOf(call({ gateway: unknown }))).toBe('outcome_unknown')
  expect(verdictOf(call({ gateway: unknown, access: [access] }))).toBe('outcome_unknown')
})

test('a content record alone accuses only where CloudTrail was complete, and a call id of ours leads to its journal', () => {
  const foreignContent = {
    ...content,
    callId: '',
    principalArn: 'arn:aws:iam::111122223333:user/q1',
    principalAlias: 'q1',
  }
  expect(findingsOf(call({ content: [foreignContent] }))).toContain('bypass:not_our_role')
  expect(
    verdictOf(call({ content: [foreignContent] }), { coverageOf: () => ({ state: 'blind', why: 'stopped' }) }),
  ).toBe('uncorroborated')
  expect(verdictOf(call({ content: [foreignContent] }), { now: start + 1000 })).toBe('pending')
  expect(verdictOf(call({ content: [content] }), { journalOf: () => 'hole' })).toBe('lost')
})

test('of a call under the gateway’s own credentials AWS knows no person, and nobody is accused of that', () => {
  const own = {
    ...access,
    principalAlias: 'q0123456789abcdefghjk',
    principalArn: 'arn:aws:iam::111122223333:role/GatewayBase',
  }
  expect(verdictOf(call({ gateway, access: [own] }))).toBe('mismatch')
  expect(
    verdictOf(call({ gateway: { ...gateway, awsSession: 'shared' }, access: [own], content: [content] })),
  ).not.toBe('mismatch:person')
  const shared = judge(call({ gateway: { ...gateway, awsSession: 'shared' }, access: [own] }), context)
  expect(shared.compared.map(({ field }) => field)).not.toContain('person')
})

test('where there is no gateway nothing went round it, and a contradiction is still one', () => {
  const none = { hasGateway: false, ourRoles: [] }
  const direct = { ...access, callId: '', roleArn: '' }
  const directContent = { ...content, callId: '' }
  expect(findingsOf(call({ access: [direct] }), none)).toContain('no_gateway')
  expect(verdictOf(call({ access: [direct] }), { ...none, coverageOf: unknownCoverage })).toBe('uncorroborated')
  expect(verdictOf(call({ content: [directContent] }), none)).toBe('unlogged')
  expect(verdictOf(call({ access: [direct], content: [directContent] }), none)).toBe('corroborated')
  const other = { ...directContent, model: 'anthropic.claude-opus-4-1-20250805-v1:0' }
  expect(verdictOf(call({ access: [direct], content: [other] }), none)).toBe('mismatch')
  // One that was there once is one: its key may be what is used to go round it.
  expect(verdictOf(call({ access: [direct] }))).toBe('bypass')
})

test('a source that cannot be read makes its layer blind in the end, never an accusation', () => {
  const unseen = call({ gateway, content: [content] })
  expect(verdictOf(unseen, { readUntil: () => 0, now: start + 25 * hour })).toBe('corroborated')
  expect(findingsOf(unseen, { readUntil: () => 0, now: start + 25 * hour })).toEqual(['blind:access'])
})

test('whatever is waited for, the next look is soon and real', () => {
  const waiting = [
    call({
      gateway: { ...gateway, stage: 'intent', result: undefined, endedAt: undefined },
      access: [access],
      content: [content],
    }),
    call({ access: [access], content: [content] }),
  ]
  for (const given of waiting) {
    const judgement = judge(given, { ...context, journalOf: () => 'behind' })
    expect(judgement.verdict).toBe('pending')
    expect(judgement.dueAt).toBeLessThanOrEqual(context.now + 60_000)
  }
})

test('an intent without an outcome is awaited, and unknown when it never came', () => {
  const intent = call({ gateway: { ...gateway, stage: 'intent', result: undefined, endedAt: undefined } })
  expect(verdictOf(intent)).toBe('pending')
  expect(verdictOf(intent, { now: start + 25 * hour })).toBe('outcome_unknown')
})

test('a refused request is refused, unless AWS saw it after all', () => {
  const refused = {
    ...gateway,
    stage: 'refused' as const,
    result: 'refused' as const,
    refusalCode: 'CREDENTIAL_EXPIRED',
  }
  expect(verdictOf(call({ gateway: refused }))).toBe('refused')
  expect(verdictOf(call({ gateway: refused, access: [access] }))).toBe('bypass')
})

test('an approved principal calls directly as expected', () => {
  const approval = { approvalOf: () => ({ until: '2027-06-30' }) }
  expect(
    verdictOf(
      call({ access: [foreign], content: [{ ...content, principalArn: foreign.principalArn, callId: '' }] }),
      approval,
    ),
  ).toBe('expected_direct')
})

test('every call gets exactly one known verdict, whatever the witnesses say', () => {
  const anyGateway = fc.option(
    fc
      .record({
        stage: fc.constantFrom('intent' as const, 'outcome' as const, 'refused' as const),
        result: fc.constantFrom(...outcomes, undefined),
        model: fc.constantFrom(model, 'x', ''),
        attempts: fc.nat({ max: 2 }),
      })
      .map((parts) => ({ ...gateway, ...parts })),
    { nil: undefined },
  )
  const anyAccess = fc.array(
    fc
      .record({
        requestId: fc.constantFrom('r-1', 'r-2', ''),
        callId: fc.constantFrom(id, '', 'x'),
        bearer: fc.boolean(),
        errorCode: fc.constantFrom('', 'AccessDenied'),
      })
      .map((parts) => ({ ...access, ...parts })),
    { maxLength: 3 },
  )
  const anyContent = fc.array(
    fc
      .record({ requestId: fc.constantFrom('r-1', 'r-2'), hasBody: fc.boolean() })
      .map((parts) => ({ ...content, ...parts })),
    { maxLength: 2 },
  )
  fc.assert(
    fc.property(
      anyGateway,
      anyAccess,
      anyContent,
      fc.constantFrom('none' as const, 'keep' as const),
      fc.nat({ max: 3 * hour }),
      (g, a, c, policy, age) => {
        if (g === undefined && a.length + c.length === 0) return
        const judgement = judge(
          { gateway: g, access: a, content: c },
          { ...context, now: start + age, contentPolicy: () => policy },
        )
        expect(verdicts).toContain(judgement.verdict)
        expect(judgement.reason).not.toBe('')
        if (judgement.dueAt !== undefined) expect(judgement.dueAt).toBeGreaterThan(start + age)
      },
    ),
    { numRuns: 2000 },
  )
})

test('rows meet on the request id or on a call id of ours, in any order, and each row is in exactly one call', () => {
  const rows = fc.shuffledSubarray([
    access,
    { ...access, eventId: 'e-2', requestId: 'r-9' },
    { ...foreign, eventId: 'e-3', requestId: 'r-3', callId: 'zz' },
    { ...foreign, eventId: 'e-4', requestId: 'r-4', callId: 'zz' },
  ])
  fc.assert(
    fc.property(rows, fc.boolean(), (list, withGateway) => {
      const calls = groupCalls({ gateway: withGateway ? [gateway] : [], access: list, content: [content] }, (text) =>
        isOurCallId(text, key),
      )
      expect(calls.flatMap((one) => one.call.access).length).toBe(list.length)
      expect(calls.flatMap((one) => one.call.content)).toEqual([content])
      expect(new Set(calls.map((one) => one.key)).size).toBe(calls.length)
      if (withGateway) expect(calls.find((one) => one.key === id)?.call.content).toEqual([content])
    }),
  )
})
