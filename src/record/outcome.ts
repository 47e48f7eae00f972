/**
 * How a call ended, as far as a witness can tell. It decides what each layer must show (`expectations.ts`).
 * `success` full answer · `aborted` the client hung up · `stream_error` broken off after a 200 · `throttled` 429 ·
 * `denied` 403 by IAM · `rejected` 4xx for what was asked · `edge_rejected` signature or token refused ·
 * `upstream_error` 5xx · `unreachable` no answer at all · `unknown` the gateway died before it knew · `refused` never sent.
 */
export const outcomes = [
  'success',
  'aborted',
  'stream_error',
  'throttled',
  'denied',
  'rejected',
  'edge_rejected',
  'upstream_error',
  'unreachable',
  'unknown',
  'refused',
] as const

/** One way for a call to end. */
export type Outcome = (typeof outcomes)[number]

/** AWS error codes that are given before Bedrock sees the call, so that no log need show it. */
const edgeCodes: ReadonlySet<string> = new Set([
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationTokenException',
  'ExpiredTokenException',
])

/** The outcome of a call that ended before any body: from the HTTP status and AWS's error code. */
export function outcomeOfStatus(status: number, errorCode: string): Outcome {
  if (status < 300) return 'success'
  if (edgeCodes.has(errorCode)) return 'edge_rejected'
  if (status === 429 || errorCode === 'ThrottlingException') return 'throttled'
  if (status === 403) return 'denied'
  return status >= 500 ? 'upstream_error' : 'rejected'
}

/** The outcome that CloudTrail's `errorCode` tells; none means success. */
export function outcomeOfAccessError(errorCode: string): Outcome {
  if (errorCode === '') return 'success'
  if (edgeCodes.has(errorCode)) return 'edge_rejected'
  if (/Throttl/i.test(errorCode)) return 'throttled'
  if (/AccessDenied/i.test(errorCode)) return 'denied'
  return /Internal|Unavailable|Timeout/i.test(errorCode) ? 'upstream_error' : 'rejected'
}
