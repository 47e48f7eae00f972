import type { Call } from '../../record/call.ts'
import type { Finding } from '../../record/finding.ts'
import { type Verdict, verdictTable } from '../../record/verdict.ts'

type Rule = (call: Call, findings: readonly Finding[]) => Finding | boolean | undefined

const of =
  (kind: Finding['kind']): Rule =>
  (_call, findings) =>
    findings.find((finding) => finding.kind === kind)

const missing =
  (layer: 'access' | 'content'): Rule =>
  (_call, findings) =>
    findings.find((finding) => finding.kind === 'missing' && finding.layer === layer)

/** The rules in the order of the design; the first that holds gives the verdict. */
const rules: readonly (readonly [Verdict, Rule])[] = [
  ['content_unexpected', of('content_unexpected')],
  ['bypass', of('bypass')],
  ['mismatch', (call, findings) => of('mismatch')(call, findings) ?? of('call_id_repeated')(call, findings)],
  ['lost', of('journal_hole')],
  ['unlogged', missing('access')],
  ['content_missing', missing('content')],
  ['pending', (call, findings) => of('awaited')(call, findings) ?? of('journal_behind')(call, findings)],
  ['outcome_unknown', of('outcome_unknown')],
  ['refused', of('refused')],
  ['uncorroborated', (call) => !hasTwoWitnesses(call)],
  ['expected_direct', of('expected_direct')],
]

/** The one verdict, and the sentence that says why. */
export function decideVerdict(
  call: Call,
  findings: readonly Finding[],
): { readonly verdict: Verdict; readonly reason: string } {
  for (const [verdict, rule] of rules) {
    const held = rule(call, findings)
    if (held === undefined || held === false) continue
    return { verdict, reason: reasonFor(verdict, held === true ? undefined : held, findings) }
  }
  const open = findings.filter(({ kind }) => kind === 'gateway_cannot_say' || kind === 'gateway_log_absent')
  return { verdict: 'corroborated', reason: [verdictTable.corroborated.says, ...open.flatMap(whyAbsent)].join('; ') }
}

function hasTwoWitnesses(call: Call): boolean {
  const seen = [call.gateway !== undefined, call.access.length > 0, call.content.length > 0].filter(Boolean).length
  return seen >= 2
}

function reasonFor(verdict: Verdict, held: Finding | undefined, findings: readonly Finding[]): string {
  const says = verdictTable[verdict].says
  if (verdict === 'uncorroborated') return [says, ...findings.flatMap(whyAbsent)].join('; ')
  const detail = held === undefined ? undefined : detailOf(held)
  return detail === undefined ? says : `${says}: ${detail}`
}

function whyAbsent(finding: Finding): readonly string[] {
  if (finding.kind === 'blind') return [`${finding.layer} could not see it: ${finding.why}`]
  if (finding.kind === 'no_gateway') return ['gateway: none is configured']
  if (finding.kind === 'no_aws_request_id')
    return [`gateway: the log of ${finding.gateway} names no AWS request id of it, so it can be held against nothing`]
  if (finding.kind === 'gateway_cannot_say')
    return [
      `gateway: nobody can say whether ${finding.gateway} sent it, for records of its log around then name no AWS request id`,
    ]
  if (finding.kind === 'gateway_log_absent') return [`gateway: no log of ${finding.gateway} was read for that moment`]
  return finding.kind === 'not_required' ? [`${finding.layer}: not known to record such a call`] : []
}

const bypassDetails = {
  not_our_role: 'the principal is not our gateway’s role',
  bearer_key: 'it came with a Bedrock API key',
  other_endpoint: 'it went to an endpoint that the gateway does not use',
  stolen_session: 'stolen session: it ran under a session of our gateway, but the gateway did not send it',
  unknown_session: 'it ran under our role, in a session that no gateway of ours opened',
  no_gateway_record: 'its call id is ours, but that gateway’s journal did not send it',
  not_in_gateway_log: 'the gateway’s log names AWS request ids, was read for that moment, and does not name it',
} as const

function detailOf(finding: Finding): string | undefined {
  if (finding.kind === 'bypass') return bypassDetails[finding.reason]
  if (finding.kind === 'mismatch') return `they differ in ${finding.field.replace('_', ' ')}`
  if (finding.kind === 'call_id_repeated') return 'one call id was seen in more calls than were sent'
  if (finding.kind === 'awaited') return `waiting for ${finding.layer}`
  if (finding.kind === 'journal_behind') return 'waiting for the gateway’s journal'
  if (finding.kind === 'expected_direct') return `approved in the configuration until ${finding.until}`
  return finding.kind === 'refused' ? finding.code : undefined
}
