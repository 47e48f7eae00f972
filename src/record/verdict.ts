/**
 * The verdicts, in the order in which they are tried: a call has exactly the first that holds, so that they partition the calls
 * and the numbers add up. `says` is the sentence a person reads; `grave` verdicts are what somebody should look at.
 */
export const verdictTable = {
  content_unexpected: { grave: true, says: 'content was found where the policy says there must be none' },
  bypass: { grave: true, says: 'AWS saw it and no gateway of ours sent it' },
  mismatch: { grave: true, says: 'the witnesses contradict each other' },
  lost: {
    grave: true,
    says: 'it carries a call id of ours, and that gateway’s journal has a hole there or ends before',
  },
  unlogged: { grave: true, says: 'the gateway sent it, CloudTrail must show it and does not' },
  content_missing: { grave: true, says: 'content logging was on and has no record of it' },
  pending: { grave: false, says: 'inside the delivery window: not every witness has had its time' },
  outcome_unknown: { grave: false, says: 'the gateway died before it knew how the call ended' },
  uncorroborated: { grave: false, says: 'only one witness could see it' },
  expected_direct: { grave: false, says: 'a direct call by an approved principal' },
  refused: { grave: false, says: 'stopped by the gateway; nothing went upstream' },
  corroborated: { grave: false, says: 'at least two witnesses saw it, one of them AWS’s, and they agree' },
} as const satisfies Record<string, { readonly grave: boolean; readonly says: string }>

/** One verdict. */
export type Verdict = keyof typeof verdictTable

/** All verdicts in the order in which they are tried. */
export const verdicts: readonly Verdict[] = Object.keys(verdictTable).filter(isVerdict)

/** What somebody should look at. */
export const graveVerdicts: readonly Verdict[] = verdicts.filter((verdict) => verdictTable[verdict].grave)

/** True for the name of a verdict. */
export function isVerdict(text: string): text is Verdict {
  return Object.hasOwn(verdictTable, text)
}
