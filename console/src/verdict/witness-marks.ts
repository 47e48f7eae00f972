import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { witnessRows } from './witness-table.ts'

/** What a witness has to do with a call. */
export type WitnessMark = 'saw' | 'missing' | 'awaited' | 'blind' | 'need_not'

const words: Readonly<Record<WitnessMark, string>> = {
  saw: 'saw it',
  missing: 'should have seen it and did not',
  awaited: 'not due yet',
  blind: 'could not see',
  need_not: 'need not have seen it',
}

type Seen = Pick<CallAnswer, 'seen' | 'findings' | 'verdict'>

/** The marks of a call in the order access, gateway, content. */
export function witnessMarks(call: Seen) {
  return witnessRows.map((row) => {
    const mark = markOf(call, row.layer)
    return { ...row, mark, says: `${row.inWords} ${words[mark]}` }
  })
}

function markOf(call: Seen, layer: keyof CallAnswer['seen']): WitnessMark {
  const has = (finding: string) => call.findings.includes(finding)
  if (call.seen[layer]) return 'saw'
  if (has(`missing:${layer}`)) return 'missing'
  if (layer === 'gateway' && (call.verdict === 'bypass' || has('journal_hole'))) return 'missing'
  if (has(`awaited:${layer}`) || (layer === 'gateway' && has('journal_behind'))) return 'awaited'
  if (layer === 'gateway' && (has('gateway_cannot_say') || has('gateway_log_absent'))) return 'blind'
  return has(`blind:${layer}`) ? 'blind' : 'need_not'
}
