import { expect, test } from 'vitest'
import { decideVerdict } from '../../../evidence/corroborate/decide-verdict.ts'
import type { CallRow } from '../../../evidence/store/queries/list-calls.ts'
import { type Finding, findingCode } from '../../../record/finding.ts'
import { callFields } from './call-fields.ts'

const nobody = { access: undefined, gateway: undefined, content: undefined }

/** What the three witnesses say of the model of a call that none of them has a record of. */
function modelCells(findings: readonly Finding[]) {
  const { verdict, reason } = decideVerdict({ gateway: undefined, access: [], content: [] }, findings)
  const call: CallRow = {
    key: 'r:1',
    at: '2026-11-23T10:00:00.000Z',
    callId: '',
    gateway: '',
    awsRequestId: '1',
    alias: '',
    principalArn: '',
    team: '',
    project: '',
    session: '',
    operation: 'InvokeModel',
    model: '',
    region: 'us-east-1',
    account: '111122223333',
    verdict,
    previousVerdict: '',
    findings: findings.map(findingCode),
    reason,
    compared: [],
    seen: { access: false, gateway: false, content: false },
    tokens: { input: null, output: null, cacheRead: null, cacheWrite: null },
    result: '',
    httpStatus: 0,
    stopReason: '',
    durationMs: null,
    firstByteMs: null,
    judgedAt: '2026-11-23T10:00:00.000Z',
    simulated: false,
  }
  return callFields(call, nobody, undefined).find(({ field }) => field === 'model')?.cells
}

test('a layer that could not see says why in the words of the verdict', () => {
  const why = 'invocation logging is off'
  expect(modelCells([{ kind: 'blind', layer: 'content', why }])?.content).toEqual({ state: 'blind', why })
})

test('where nobody set up a gateway, its cell says so', () => {
  expect(modelCells([{ kind: 'no_gateway' }])?.gateway).toEqual({ state: 'none', why: 'no gateway is configured' })
})
