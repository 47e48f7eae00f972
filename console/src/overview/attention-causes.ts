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
    const key = `${group.verdict} ${group.cause}`
    byCause.set(key, [...(byCause.get(key) ?? []), group])
  }
  return [...byCause.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : causeOf(first, [first, ...rest], groups),
  )
}

function causeOf(first: Group, own: readonly Group[], all: readonly Group[]): Cause {
  const { verdict, cause, reason } = first
  const distinct = (value: (group: Group) => string) => [...new Set(own.map(value))]
  const who = distinct((group) => group.who)
  const cut = reason.indexOf(': ')
  // Without a cause of its own it is what is left when the named causes of the same verdict are taken away.
  const others = all
    .filter((group) => group.verdict === verdict && group.cause !== '')
    .map((group) => `${verdict}:${group.cause}`)
  const finding = cause === '' ? { is: [], not: [...new Set(others)] } : { is: [`${verdict}:${cause}`], not: [] }
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
      ...(finding.is.length + finding.not.length === 0 ? {} : { finding }),
      ...(who.length > mostNames ? {} : { person: { is: who.map((name) => (name === '' ? nothing : name)), not: [] } }),
    },
  }
}
