import { AwsError } from './aws-error.ts'

/** Why a credential is refused. */
export type RefusalReason = 'missing' | 'unknown-key' | 'bad-token' | 'mismatch' | 'stale' | 'scope' | 'expired'

const invalidToken = 'The security token included in the request is invalid.'
const expired = 'The security token included in the request is expired'
const mismatch = 'The request signature we calculated does not match the signature you provided.'
const texts: Readonly<Record<RefusalReason, string>> = {
  missing: 'Missing Authentication Token',
  'unknown-key': invalidToken,
  'bad-token': invalidToken,
  mismatch,
  stale: 'Signature expired',
  scope: 'Credential should be scoped to correct service.',
  expired,
}

type Names = Readonly<Record<RefusalReason, readonly [status: number, code: string]>>

/** Bedrock and CloudTrail (JSON protocols). */
const jsonNames: Names = {
  missing: [403, 'MissingAuthenticationTokenException'],
  'unknown-key': [403, 'UnrecognizedClientException'],
  'bad-token': [403, 'UnrecognizedClientException'],
  mismatch: [403, 'InvalidSignatureException'],
  stale: [403, 'InvalidSignatureException'],
  scope: [403, 'InvalidSignatureException'],
  expired: [403, 'ExpiredTokenException'],
}
/** STS (query protocol). */
const queryNames: Names = {
  missing: [403, 'MissingAuthenticationToken'],
  'unknown-key': [403, 'InvalidClientTokenId'],
  'bad-token': [403, 'InvalidClientTokenId'],
  mismatch: [403, 'SignatureDoesNotMatch'],
  stale: [403, 'SignatureDoesNotMatch'],
  scope: [403, 'SignatureDoesNotMatch'],
  expired: [403, 'ExpiredToken'],
}
/** S3 (Amazon S3 API reference, error responses). */
const s3Names: Names = {
  missing: [403, 'AccessDenied'],
  'unknown-key': [403, 'InvalidAccessKeyId'],
  'bad-token': [400, 'InvalidToken'],
  mismatch: [403, 'SignatureDoesNotMatch'],
  stale: [403, 'RequestTimeTooSkewed'],
  scope: [403, 'SignatureDoesNotMatch'],
  expired: [400, 'ExpiredToken'],
}

/** The error by which a service refuses a credential: each protocol has names of its own. */
export function refused(service: string, reason: RefusalReason): AwsError {
  const names = service === 's3' ? s3Names : service === 'sts' ? queryNames : jsonNames
  const [status, code] = names[reason]
  return new AwsError(status, code, texts[reason])
}
