import type { z } from 'zod'
import type { CallPanels } from '../../../evidence/corroborate/call-panels.ts'
import type { CallRow } from '../../../evidence/store/queries/list-calls.ts'
import { isForeignGateway } from '../../../record/foreign-call.ts'
import type { momentSchema } from '../schema/call-detail.ts'

type Moment = z.infer<typeof momentSchema>

/** From intent to the arrival of the last log, in order of time. */
export function callTimeline(call: CallRow, panels: CallPanels, rebuiltAt: number | undefined): readonly Moment[] {
  const moments: Moment[] = []
  const add = (at: number | undefined, kind: Moment['kind'], text: string) => {
    if (at !== undefined) moments.push({ at: new Date(at).toISOString(), kind, text })
  }
  const { gateway } = panels
  if (gateway !== null && isForeignGateway(gateway.gateway)) {
    const ended = gateway.endedAt ?? gateway.startedAt + (gateway.firstByteMs ?? 0)
    add(ended, 'outcome', `${gateway.gateway} logged it: ${gateway.result ?? 'how it ended is not said'}.`)
  } else if (gateway !== null) {
    add(gateway.startedAt, 'intent', 'The gateway wrote the intent; only then did a byte go upstream.')
    const firstByte = gateway.firstByteMs === undefined ? undefined : gateway.startedAt + gateway.firstByteMs
    add(firstByte, 'first_byte', 'The first byte of the answer reached the gateway.')
    add(gateway.endedAt, 'outcome', `The gateway wrote the outcome: ${gateway.result ?? gateway.stage}.`)
  }
  for (const row of panels.access) add(row.at, 'cloudtrail_event', 'CloudTrail’s event is of this second.')
  for (const row of panels.content) add(row.at, 'invocation_record', 'Bedrock’s invocation record is of this second.')
  for (const at of panels.arrived.access) add(at, 'cloudtrail_arrived', 'The CloudTrail file was taken in.')
  for (const at of panels.arrived.content) add(at, 'invocation_arrived', 'The invocation log was taken in.')
  for (const change of panels.changes)
    moments.push({ at: change.at, kind: 'verdict', text: `The verdict went from ${change.from} to ${change.to}.` })
  if (panels.changes.length === 0)
    moments.push({ at: call.judgedAt, kind: 'verdict', text: judgedText(call, rebuiltAt) })
  return moments.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** A store that was made again judges again; what it said before is not kept. */
function judgedText({ at, verdict }: CallRow, rebuiltAt: number | undefined): string {
  const again = rebuiltAt !== undefined && Date.parse(at) < rebuiltAt
  return again ? `Judged again, for the store was made again: ${verdict}.` : `Judged: ${verdict}.`
}
