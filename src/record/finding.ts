/** The three layers. */
export const layers = ['access', 'gateway', 'content'] as const
/** One layer. */
export type Layer = (typeof layers)[number]

/** Fields that two witnesses can agree or disagree on. */
export const comparedFields = [
  'person',
  'model',
  'account',
  'region',
  'operation',
  'tokens',
  'time',
  'call_id',
] as const
/** One of them. */
export type ComparedField = (typeof comparedFields)[number]

/** Why a call that AWS saw counts as a bypass. */
export type BypassReason =
  | 'not_our_role'
  | 'bearer_key'
  | 'other_endpoint'
  | 'stolen_session'
  | 'unknown_session'
  | 'no_gateway_record'
  | 'not_in_gateway_log'

/** One thing found out about a call. A call may have many; the verdict follows from all of them. */
export type Finding =
  | { readonly kind: 'content_unexpected' }
  | { readonly kind: 'bypass'; readonly reason: BypassReason }
  | { readonly kind: 'expected_direct'; readonly until: string }
  | { readonly kind: 'mismatch'; readonly field: ComparedField }
  | { readonly kind: 'call_id_repeated' }
  | { readonly kind: 'call_id_not_ours' }
  /** There is no gateway of ours that it could have gone round. */
  | { readonly kind: 'no_gateway' }
  /** Another product's gateway logged it without AWS's request id: it can be held against nothing. */
  | { readonly kind: 'no_aws_request_id'; readonly gateway: string }
  /** Such a gateway may have sent it, and its log names no AWS request ids. */
  | { readonly kind: 'gateway_cannot_say'; readonly gateway: string }
  /** No log of such a gateway has been read for that moment. */
  | { readonly kind: 'gateway_log_absent'; readonly gateway: string }
  | { readonly kind: 'journal_hole' }
  | { readonly kind: 'journal_behind' }
  | { readonly kind: 'missing'; readonly layer: Layer }
  | { readonly kind: 'awaited'; readonly layer: Layer }
  | { readonly kind: 'blind'; readonly layer: Layer; readonly why: string }
  | { readonly kind: 'not_required'; readonly layer: Layer }
  | { readonly kind: 'outcome_unknown' }
  | { readonly kind: 'refused'; readonly code: string }

/** A finding in one word for filters and tables: `mismatch:tokens`, `blind:access`. */
export function findingCode(finding: Finding): string {
  if (finding.kind === 'bypass') return `bypass:${finding.reason}`
  if (finding.kind === 'mismatch') return `mismatch:${finding.field}`
  if (finding.kind === 'refused') return `refused:${finding.code}`
  return 'layer' in finding ? `${finding.kind}:${finding.layer}` : finding.kind
}
