import type { Verdict } from '../../../src/record/verdict.ts'

/** How urgent a label looks when colour is taken away. */
export type Loudness = 'solid' | 'soft' | 'outline' | 'dashed' | 'plain'

/** The five groups that charts and totals use. */
export const verdictGroups = ['accusing', 'gap', 'waiting', 'explained', 'proven'] as const
/** One of them. */
export type VerdictGroup = (typeof verdictGroups)[number]

/** How a verdict is shown. */
export interface VerdictRow {
  readonly label: string
  readonly loudness: Loudness
  readonly group: VerdictGroup
}

const row = (label: string, loudness: Loudness, group: VerdictGroup): VerdictRow => ({ label, loudness, group })

/** Every verdict, in the order in which they are tried. */
export const verdictTable: Readonly<Record<Verdict, VerdictRow>> = {
  content_unexpected: row('Content unexpected', 'solid', 'accusing'),
  bypass: row('Bypass', 'solid', 'accusing'),
  mismatch: row('Mismatch', 'soft', 'accusing'),
  lost: row('Lost', 'solid', 'gap'),
  unlogged: row('Unlogged', 'soft', 'gap'),
  content_missing: row('Content missing', 'soft', 'gap'),
  pending: row('Pending', 'dashed', 'waiting'),
  outcome_unknown: row('Outcome unknown', 'outline', 'waiting'),
  uncorroborated: row('Uncorroborated', 'outline', 'waiting'),
  expected_direct: row('Expected direct', 'plain', 'explained'),
  refused: row('Refused', 'plain', 'explained'),
  corroborated: row('Corroborated', 'plain', 'proven'),
}

/** All of them in order. */
export const verdictNames: readonly Verdict[] = Object.keys(verdictTable).filter(isVerdictName)

/** True for the name of a verdict. */
export function isVerdictName(text: string): text is Verdict {
  return Object.hasOwn(verdictTable, text)
}

/** The verdicts of a group. */
export function verdictsOf(group: VerdictGroup): readonly Verdict[] {
  return verdictNames.filter((name) => verdictTable[name].group === group)
}

/** What a group is called, and what it says. */
export const groupTable: Readonly<Record<VerdictGroup, { readonly label: string; readonly says: string }>> = {
  accusing: { label: 'Accusing', says: 'a witness contradicts what should be' },
  gap: { label: 'Gaps', says: 'something that must be there is not' },
  waiting: { label: 'Waiting', says: 'not yet known, or only one witness could see it' },
  explained: { label: 'Explained', says: 'refused by the gateway, or approved in advance' },
  proven: { label: 'Proven', says: 'witnesses agree, one of them AWS’s' },
}

/** Counts by group; they add up to what went in. */
export function countByGroup(
  counts: Readonly<Partial<Record<string, number>>>,
): Readonly<Record<VerdictGroup, number>> {
  const sum = (group: VerdictGroup) => verdictsOf(group).reduce((total, name) => total + (counts[name] ?? 0), 0)
  return {
    accusing: sum('accusing'),
    gap: sum('gap'),
    waiting: sum('waiting'),
    explained: sum('explained'),
    proven: sum('proven'),
  }
}
