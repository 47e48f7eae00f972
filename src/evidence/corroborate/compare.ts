import type { AccessWitness, Call, Compared, ContentWitness, GatewayWitness, Tokens } from '../../record/call.ts'
import type { ComparedField } from '../../record/finding.ts'
import { isForeignGateway } from '../../record/foreign-call.ts'
import { parseModelId, sameModel } from '../../record/model-id.ts'
import { compareForeign } from './compare-foreign.ts'

/** CloudTrail and the invocation log give whole seconds, and clocks of machines differ. */
const clockToleranceMs = 120_000

/** Every field that two witnesses of a call both give, side by side. */
export function compareWitnesses(call: Call): readonly Compared[] {
  const { gateway } = call
  const access = mainAccess(call)
  const content = call.content[0]
  const found: Compared[] = []
  if (gateway !== undefined && isForeignGateway(gateway.gateway))
    found.push(...compareForeign(gateway, access, content, { model: agreeOnModel, time: withinCall }))
  else {
    if (gateway !== undefined && access !== undefined) found.push(...gatewayWithAccess(gateway, access))
    if (gateway !== undefined && content !== undefined) found.push(...gatewayWithContent(gateway, content))
  }
  if (access !== undefined && content !== undefined) found.push(...accessWithContent(access, content))
  return found
}

/** The API event of the call itself: the one with the gateway's request id, else the first. */
export function mainAccess(call: Call): AccessWitness | undefined {
  return (
    call.access.find((row) => row.requestId !== '' && row.requestId === call.gateway?.awsRequestId) ?? call.access[0]
  )
}

function gatewayWithAccess(gateway: GatewayWitness, access: AccessWitness): readonly Compared[] {
  const row = pair(['gateway', 'access'])
  return [
    ...samePerson(row, gateway, access.principalAlias),
    row('call_id', gateway.callId === access.callId, 'consistent'),
    row('model', agreeOnModel(gateway.model, access.model)),
    row('account', gateway.account === access.account),
    row('region', gateway.region === access.region),
    row('operation', gateway.operation === access.operation),
    row('time', withinCall(access.at, gateway)),
  ]
}

function gatewayWithContent(gateway: GatewayWitness, content: ContentWitness): readonly Compared[] {
  const row = pair(['gateway', 'content'])
  const rows = [
    ...samePerson(row, gateway, content.principalAlias),
    row('model', agreeOnModel(gateway.model, content.model)),
    row('account', gateway.account === content.account),
    row('region', gateway.region === content.region),
    row('operation', gateway.operation === content.operation),
    row('time', withinCall(content.at, gateway)),
  ]
  if (content.callId !== '') rows.push(row('call_id', gateway.callId === content.callId, 'consistent'))
  // A cut-off stream has told the gateway only part of the usage.
  if (gateway.result === 'success' && bothCounted(gateway.tokens, content.tokens)) {
    rows.push(row('tokens', sameTokens(gateway.tokens, content.tokens)))
  }
  return rows
}

function accessWithContent(access: AccessWitness, content: ContentWitness): readonly Compared[] {
  const row = pair(['access', 'content'])
  return [
    // Both repeat the session that STS gave.
    row('person', access.principalArn === content.principalArn, 'consistent'),
    row('model', agreeOnModel(access.model, content.model)),
    row('account', access.account === content.account),
    row('region', access.region === content.region),
    row('operation', access.operation === content.operation),
  ]
}

/** AWS knows the person only because our gateway told STS; of a call under the gateway's own credentials it knows nobody. */
function samePerson(row: ReturnType<typeof pair>, gateway: GatewayWitness, alias: string): readonly Compared[] {
  return gateway.awsSession !== 'person' ? [] : [row('person', gateway.alias === alias, 'consistent')]
}

function pair(between: Compared['between']) {
  return (field: ComparedField, agree: boolean, strength: Compared['strength'] = 'independent'): Compared => ({
    field,
    between,
    agree,
    strength,
  })
}

function agreeOnModel(a: string, b: string): boolean {
  const [left, right] = [parseModelId(a), parseModelId(b)]
  if (left === undefined || right === undefined) return a === b
  return sameModel(left, right) !== 'different'
}

/** Access events are stamped at completion, content records at invocation: both lie between start and end of the call. */
function withinCall(at: number, gateway: GatewayWitness): boolean {
  const end = gateway.endedAt ?? Number.POSITIVE_INFINITY
  return at >= gateway.startedAt - clockToleranceMs && at <= end + clockToleranceMs
}

function bothCounted(a: Tokens, b: Tokens): boolean {
  return a.input !== undefined && a.output !== undefined && b.input !== undefined && b.output !== undefined
}

function sameTokens(a: Tokens, b: Tokens): boolean {
  const same = (x: number | undefined, y: number | undefined) => (x ?? 0) === (y ?? 0)
  return (
    same(a.input, b.input) &&
    same(a.output, b.output) &&
    same(a.cacheRead, b.cacheRead) &&
    same(a.cacheWrite, b.cacheWrite)
  )
}
