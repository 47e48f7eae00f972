import type { Cell } from '../../../src/app/api/schema/call-detail.ts'

type SilentState = Exclude<Cell['state'], 'value' | 'differs' | 'awaited' | 'masked'>

const fixedWords = {
  not_part: 'not in such a record',
  empty: 'nothing said',
  absent: 'due and absent',
} as const

/** Why a witness says nothing of a field. Where nobody said why a layer could not see, the coverage of the hour does. */
export function silentWords(state: SilentState, why: string | undefined): string {
  if (state === 'blind') return `could not see: ${why ?? 'Coverage says why'}`
  return state === 'none' ? (why ?? 'no record') : fixedWords[state]
}
