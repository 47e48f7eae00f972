import type { AttentionAnswer } from '../../../src/app/api/schema/call.ts'
import { type Filters, nothing } from '../view/calls-view.ts'

type Group = AttentionAnswer['groups'][number]

/** Calls of one cause, whoever made them. */
export interface Cause {
  readonly verdict: Group['verdict']
  /** What stands behind the verdict's own sentence. */
  readonly says: string
  readonly who: readonly string[]
  readonly regions: readonly string[]
  readonly calls: number
  readonly lastAt: string
  /** Exactly these calls. */
  readonly filters: Filters
}

const mostNames = 50

/** Groups by verdict and cause: what somebody works through is a cause, not a person. */
export function causesOf(groups: readonly Group[]): readonly Cause[] {
  const byCause = new Map<string, Group[]>()
  for (const group of groups) {
    const key = `${group.verdict} ${group.finding}`
    byCause.set(key, [...(byCause.get(key) ?? []), group])
  }
  return [...byCause.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : causeOf(first, [first, ...rest]),
  )
}

function causeOf(first: Group, own: readonly Group[]): Cause {
  const { verdict, finding, reason } = first
  const distinct = (value: (group: Group) => string) => [...new Set(own.map(value))]
  const who = distinct((group) => group.who)
  const cut = reason.indexOf(': ')
  return {
    verdict,
    says: cut === -1 ? reason : reason.slice(cut + 2),
    who,
    regions: distinct((group) => group.region),
    calls: own.reduce((sum, group) => sum + group.calls, 0),
    lastAt:
      own
        .map((group) => group.lastAt)
        .sort()
        .at(-1) ?? first.lastAt,
    filters: {
      verdict: { is: [verdict], not: [] },
      ...(finding === '' ? {} : { finding: { is: [finding], not: [] } }),
      ...(who.length > mostNames ? {} : { person: { is: who.map((name) => (name === '' ? nothing : name)), not: [] } }),
    },
  }
}
