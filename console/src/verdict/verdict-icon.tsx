import {
  IconArrowRampRight,
  IconBan,
  IconChecks,
  IconCircleHalf2,
  IconEqualNot,
  IconEyeExclamation,
  IconEyeOff,
  IconFileOff,
  IconHelpCircle,
  IconHourglass,
  IconUnlink,
  IconUserCheck,
} from '@tabler/icons-react'
import type { Verdict } from '../../../src/record/verdict.ts'

const icons = {
  content_unexpected: IconEyeExclamation,
  bypass: IconArrowRampRight,
  mismatch: IconEqualNot,
  lost: IconUnlink,
  unlogged: IconEyeOff,
  content_missing: IconFileOff,
  pending: IconHourglass,
  outcome_unknown: IconHelpCircle,
  uncorroborated: IconCircleHalf2,
  expected_direct: IconUserCheck,
  refused: IconBan,
  corroborated: IconChecks,
} as const satisfies Record<Verdict, unknown>

/** The shape of a verdict; a word always stands beside it. */
export function VerdictIcon({ verdict, size = 15 }: { readonly verdict: Verdict; readonly size?: number }) {
  const Icon = icons[verdict]
  return <Icon size={size} stroke={1.9} aria-hidden="true" />
}
