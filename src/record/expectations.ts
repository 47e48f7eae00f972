import type { Operation } from './operation.ts'
import type { Outcome } from './outcome.ts'

/** What a layer must, may or never show of a call that went upstream. */
export type Expect = 'must' | 'may' | 'never'

/** What supports it: a genuine record, AWS's documentation, or nothing yet. Only a `must` with proof accuses. */
export type Proof = 'genuine' | 'documented' | 'none'

/** One row: for these operations and outcomes, this layer shows the call or not. */
export interface Expectation {
  readonly operations: readonly Operation[]
  readonly outcomes: readonly Outcome[]
  readonly layer: 'access' | 'content'
  readonly expect: Expect
  readonly proof: Proof
  readonly source: string
}

const runtime: readonly Operation[] = ['InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream']
const managementEvents =
  'AWS Bedrock user guide, "Monitor API calls using CloudTrail": management events, on by default'
const invocationLogging =
  'AWS Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3": scope'

/** The first row that names operation, outcome and layer holds; no row means `may` without proof. */
export const expectations: readonly Expectation[] = [
  {
    operations: ['InvokeModel'],
    outcomes: ['success'],
    layer: 'access',
    expect: 'must',
    proof: 'genuine',
    source: 'DataDog stratus-red-team, aws.impact.bedrock-invoke-model',
  },
  {
    operations: ['Converse'],
    outcomes: ['success'],
    layer: 'access',
    expect: 'must',
    proof: 'genuine',
    source: 'elastic/integrations, aws.cloudtrail test events',
  },
  {
    operations: ['InvokeModelWithResponseStream', 'ConverseStream'],
    outcomes: ['success'],
    layer: 'access',
    expect: 'must',
    proof: 'documented',
    source: managementEvents,
  },
  {
    operations: runtime,
    outcomes: ['success'],
    layer: 'content',
    expect: 'must',
    proof: 'documented',
    source: invocationLogging,
  },
  // A stream that a client or the network cut off was a call all the same; no record shows how AWS logs it.
  {
    operations: runtime,
    outcomes: ['aborted', 'stream_error', 'unknown'],
    layer: 'access',
    expect: 'may',
    proof: 'none',
    source: 'no genuine record found',
  },
  {
    operations: runtime,
    outcomes: ['aborted', 'stream_error', 'unknown'],
    layer: 'content',
    expect: 'may',
    proof: 'none',
    source: 'no genuine record found',
  },
  {
    operations: runtime,
    outcomes: ['throttled', 'denied', 'rejected', 'upstream_error'],
    layer: 'access',
    expect: 'may',
    proof: 'none',
    source: 'which failures are logged is not documented',
  },
  {
    operations: runtime,
    outcomes: ['throttled', 'denied', 'rejected', 'upstream_error'],
    layer: 'content',
    expect: 'may',
    proof: 'none',
    source: 'which failures are logged is not documented',
  },
  {
    operations: ['CountTokens'],
    outcomes: ['success'],
    layer: 'access',
    expect: 'may',
    proof: 'none',
    source: 'not named in the list of logged operations',
  },
  {
    operations: ['CountTokens'],
    outcomes: ['success'],
    layer: 'content',
    expect: 'never',
    proof: 'documented',
    source: invocationLogging,
  },
  {
    operations: ['CreateInference'],
    outcomes: ['success'],
    layer: 'access',
    expect: 'may',
    proof: 'documented',
    source: 'data event, off by default',
  },
  {
    operations: ['CreateInference'],
    outcomes: ['success'],
    layer: 'content',
    expect: 'never',
    proof: 'documented',
    source: 'invocation logging covers bedrock-runtime only',
  },
]

const unproven = { expect: 'may', proof: 'none' } as const

/** What a layer must show. */
export function expectationOf(
  operation: Operation | undefined,
  outcome: Outcome,
  layer: 'access' | 'content',
): { readonly expect: Expect; readonly proof: Proof } {
  if (operation === undefined) return unproven
  return (
    expectations.find(
      (row) => row.layer === layer && row.operations.includes(operation) && row.outcomes.includes(outcome),
    ) ?? unproven
  )
}

/** True when the absence of this layer, once its window is over and it was complete, accuses somebody. */
export function mustShow(operation: Operation | undefined, outcome: Outcome, layer: 'access' | 'content'): boolean {
  const { expect, proof } = expectationOf(operation, outcome, layer)
  return expect === 'must' && proof !== 'none'
}
