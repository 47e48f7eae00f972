// Errors that the account answers in AWS's name.

/** An AWS error: its code, HTTP status and message (aws-sdk error shapes per protocol are made by the router). */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  /** Rejected before IAM knew a principal; CloudTrail never sees these. */
  readonly atEdge: boolean

  constructor(code: string, status: number, message: string, atEdge = false) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
    this.atEdge = atEdge
  }
}

/** 400 ValidationException. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message)
}

/** 403 AccessDeniedException in IAM's words. */
export function denied(arn: string, action: string, resource: string): AwsError {
  const why = 'because no identity-based policy allows the action'
  return new AwsError(
    'AccessDeniedException',
    403,
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}: ${action}`,
  )
}
