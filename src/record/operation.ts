/** The inference operations by the names CloudTrail gives them. */
export const operations = [
  'InvokeModel',
  'InvokeModelWithResponseStream',
  'Converse',
  'ConverseStream',
  'CountTokens',
  'InvokeModelWithBidirectionalStream',
  'StartAsyncInvoke',
  'CreateInference',
] as const

/** One inference operation. */
export type Operation = (typeof operations)[number]

/** True for an operation that Triptych treats as a model call. */
export function isOperation(text: string): text is Operation {
  return operations.some((known) => known === text)
}
