import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccessWitness, Call, ContentWitness, GatewayWitness } from '../../record/call.ts'
import { isOurCallId, mintCallId } from '../../record/call-id.ts'
import { findingCode } from '../../record/finding.ts'
import type { ForeignCoverage } from './foreign-coverage.ts'
import { groupCalls } from './group-calls.ts'
import { type JudgeContext, judge } from './judge.ts'

// What is said of a call when the gateway is another product's, and only its log is there.

const key = randomBytes(32)
const start = Date.parse('2026-11-23T10:00:00Z')
const hour = 3_600_000
const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const role = 'arn:aws:iam::111122223333:role/LiteLlm'
const tokens = { input: 10, output: 20, cacheRead: 1000, cacheWrite: 0 }
const place = { account: '111122223333', region: 'us-east-1', simulated: false }
const unknown = { input: undefined, output: undefined, cacheRead: undefined, cacheWrite: undefined }

const logged: GatewayWitness = {
  simulated: false,
  account: '',
  region: 'us-east-1',
  callId: 'litellm:0123456789abcdef01234567',
  gateway: 'litellm:prod',
  stage: 'outcome',
  alias: 'q0123456789abcdef0123',
  operation: '',
  model,
  team: 'core',
  project: '',
  session: '',
  agent: '',
  costCentre: '',
  policy: '',
  rule: '',
  awsSession: 'unknown',
  costMicroUsd: undefined,
  pricesOf: '',
  result: 'success',
  refusalCode: '',
  httpStatus: 0,
  awsRequestId: 'r-1',
  ownRequestId: 'chatcmpl-1',
  attempts: 1,
  tokens: { ...unknown, input: 1010, output: 20 },
  stopReason: 'stop',
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
  operation: 'Converse',
  principalType: 'AssumedRole',
  principalArn: 'arn:aws:sts::111122223333:assumed-role/LiteLlm/q1',
  principalAlias: 'q1',
  roleArn: role,
  accessKeyId: 'ASIATHEIRS',
  sourceAddress: 'qelsewhere',
  callId: '',
  model,
  errorCode: '',
  bearer: false,
}
const content: ContentWitness = {
  ...place,
  requestId: 'r-1',
  at: start,
  operation: 'Converse',
  principalArn: access.principalArn,
  principalAlias: 'q1',
  model,
  callId: '',
  errorCode: '',
  session: '',
  hasBody: true,
  tokens,
}
const log: ForeignCoverage = {
  gateway: 'litellm:prod',
  followed: false,
  stretches: [
    { from: start - hour, to: start + hour, namesAnswered: true, namesFailed: false, unnamed: new Set<number>() },
  ],
}
const context: JudgeContext = {
  now: start + 3 * hour,
  windowMs: { access: hour, content: hour, final: 24 * hour },
  readUntil: () => Number.POSITIVE_INFINITY,
  readFrom: () => Number.NEGATIVE_INFINITY,
  isOurCallId: (text) => isOurCallId(text, key),
  journalOf: () => 'complete',
  coverageOf: () => ({ state: 'complete', why: 'on' }),
  contentPolicy: () => 'keep',
  approvalOf: () => undefined,
  isOurSession: () => false,
  ourRoles: [],
  hasGateway: false,
  foreign: [log],
  gatewayAddresses: new Set(['qours']),
}
const call = (parts: Partial<Call>): Call => ({ gateway: undefined, access: [], content: [], ...parts })
const judged = (given: Partial<Call>, changes: Partial<JudgeContext> = {}) => {
  const judgement = judge(call(given), { ...context, ...changes })
  return { ...judgement, codes: judgement.findings.map(findingCode) }
}
const withStretch = (changes: Partial<ForeignCoverage['stretches'][number]>): readonly ForeignCoverage[] => [
  { ...log, stretches: log.stretches.map((stretch) => ({ ...stretch, ...changes })) },
]

test('a call that the log names by AWS’s request id is corroborated by what the log says, and by nothing that it leaves out', () => {
  const { verdict, codes, compared } = judged({ gateway: logged, access: [access], content: [content] })
  expect({ verdict, codes }).toEqual({ verdict: 'corroborated', codes: [] })
  const held = compared.filter(({ between }) => between[0] === 'gateway').map(({ field }) => field)
  expect(new Set(held)).toEqual(new Set(['model', 'region', 'time', 'tokens']))
})

test('where model, region, time or tokens differ it is a mismatch, and each is named', () => {
  const witness = (changes: Partial<GatewayWitness>) =>
    judged({ gateway: { ...logged, ...changes }, access: [access], content: [content] })
  expect(witness({ model: 'us.anthropic.claude-opus-4-6-v1' }).codes).toContain('mismatch:model')
  expect(witness({ region: 'eu-west-1' }).codes).toContain('mismatch:region')
  expect(witness({ startedAt: start - hour, endedAt: start - hour }).codes).toContain('mismatch:time')
  expect(witness({ tokens: { ...unknown, input: 11, output: 20 } }).codes).toContain('mismatch:tokens')
  expect(witness({ account: '999999999999' }).codes).toContain('mismatch:account')
})

test('a model by a name of the gateway’s own, and tokens that nobody counted, contradict nothing', () => {
  const gateway = { ...logged, model: 'claude-3.5-sonnet', tokens: unknown }
  expect(judged({ gateway, access: [access], content: [content] }).verdict).toBe('corroborated')
  const input = { ...logged, tokens: { ...unknown, input: 10, output: 20 } }
  expect(judged({ gateway: input, access: [access], content: [content] }).verdict).toBe('corroborated')
})

test('a call without AWS’s request id is uncorroborated at once, and the reason says why', () => {
  const { verdict, reason, dueAt } = judged({ gateway: { ...logged, awsRequestId: '' } }, { now: start + 2000 })
  expect({ verdict, dueAt }).toEqual({ verdict: 'uncorroborated', dueAt: undefined })
  expect(reason).toContain('the log of litellm:prod names no AWS request id of it')
})

test('a call that the log names and AWS’s records do not show is uncorroborated, with what is known of the layers', () => {
  const coverageOf = () => ({ state: 'unknown' as const, why: 'no configuration snapshot of this account and region' })
  const { verdict, reason } = judged({ gateway: logged }, { coverageOf })
  expect(verdict).toBe('uncorroborated')
  expect(reason).toContain('access could not see it: no configuration snapshot')
})

test('a direct call is a bypass where the log was read, names AWS’s request ids and not this one', () => {
  const { verdict, codes, reason } = judged({ access: [access], content: [content] })
  expect({ verdict, codes }).toEqual({ verdict: 'bypass', codes: ['bypass:not_in_gateway_log'] })
  expect(reason).toContain('does not name it')
})

test('nobody is accused by a log that names no request ids, has records without one near it, or was not read for that moment', () => {
  const without = (foreign: readonly ForeignCoverage[], given: Partial<Call> = { access: [access] }) =>
    judged(given, { foreign, coverageOf: () => ({ state: 'blind', why: 'off' }) })
  const mute = without(withStretch({ namesAnswered: false }))
  expect(mute.verdict).toBe('uncorroborated')
  expect(mute.reason).toContain('nobody can say whether litellm:prod sent it')
  const near = new Set([Math.floor(access.at / 600_000) - 1])
  expect(without(withStretch({ unnamed: near })).codes).toContain('gateway_cannot_say')
  expect(without(withStretch({ to: start })).codes).toContain('gateway_log_absent')
  const failed = { access: [{ ...access, errorCode: 'ThrottlingException' }] }
  expect(without([log], failed).codes).toContain('gateway_cannot_say')
  expect(without(withStretch({ namesFailed: true }), failed).codes).toContain('bypass:not_in_gateway_log')
})

test('a log that is read as it grows is waited for, and only for a while', () => {
  const foreign = withStretch({ to: start }).map((coverage) => ({ ...coverage, followed: true }))
  const soon = judged({ access: [access] }, { foreign, now: start + 60_000 })
  expect(soon.codes).toContain('awaited:gateway')
  expect(soon.dueAt).toBeGreaterThan(start + 60_000)
  expect(judged({ access: [access] }, { foreign }).codes).toContain('gateway_log_absent')
})

test('with a gateway of ours beside it, a call that neither names is a bypass of ours, whatever that log can say', () => {
  const changes = { hasGateway: true, ourRoles: [role] }
  expect(judged({ access: [access] }, changes).codes).toContain('bypass:unknown_session')
  expect(judged({ access: [access] }, { ...changes, foreign: withStretch({ namesAnswered: false }) }).codes).toContain(
    'bypass:unknown_session',
  )
})

test('of a call that went through both, our journal’s record is the one that is judged, and it counts once', () => {
  const id = mintCallId({ gatewayTag: 'gw01', at: start, random: randomBytes, key })
  const ours = { ...logged, callId: id, gateway: 'gateway-gw01', awsSession: 'person' as const }
  const grouped = groupCalls({ gateway: [logged, ours], access: [access], content: [] }, context.isOurCallId)
  expect(grouped).toHaveLength(1)
  expect(grouped[0]?.key).toBe(id)
  expect(grouped[0]?.call.gateway?.gateway).toBe('gateway-gw01')
  expect(grouped[0]?.otherKeys).toContain(logged.callId)
})

test('records without AWS’s request id never meet AWS’s rows, however close in time', () => {
  const nameless = { ...logged, awsRequestId: '' }
  expect(groupCalls({ gateway: [nameless], access: [access], content: [content] }, context.isOurCallId)).toHaveLength(2)
})

test('the absence of such a gateway is never a lost call, nor one whose outcome is unknown', () => {
  const maybe = fc.boolean()
  fc.assert(
    fc.property(maybe, maybe, maybe, maybe, maybe, maybe, (hasLog, hasAccess, hasContent, named, ended, read) => {
      const gateway = { ...logged, awsRequestId: named ? 'r-1' : '', result: ended ? ('success' as const) : undefined }
      const { verdict } = judged(
        {
          ...(hasLog ? { gateway } : {}),
          access: hasAccess ? [access] : [],
          content: hasContent ? [content] : [],
        },
        { foreign: withStretch(read ? {} : { to: start - 1 }), journalOf: () => 'hole' },
      )
      expect(['lost', 'outcome_unknown', 'refused']).not.toContain(verdict)
    }),
  )
})
