import { namesBedrockModel, parseModelId } from '../../record/model-id.ts'
import { forms, text } from './loose-fields.ts'

/** Which provider a product says it called. */
export type Provider = 'bedrock' | 'other' | 'unknown'

/** From a product's own name of a provider. */
export function providerNamed(value: unknown): Provider {
  const name = text(value, forms.word)
  if (name === '') return 'unknown'
  return /bedrock/i.test(name) ? 'bedrock' : 'other'
}

const otherProviders = /anthropic|vertex|foundry|azure|openai|gemini|google|cohere|mistral|groq|ollama/i

/** From a name that a person chose for an upstream: it tells only where it says so. */
export function providerOfUpstream(value: unknown): Provider {
  const name = text(value, forms.word)
  if (/bedrock|aws/i.test(name)) return 'bedrock'
  return otherProviders.test(name) ? 'other' : 'unknown'
}

/** Whether a call went to Bedrock, as far as the line tells. */
export function wentToBedrock(provider: Provider, model: string, awsRequestId: string): boolean {
  if (provider !== 'unknown') return provider === 'bedrock'
  return awsRequestId !== '' || namesBedrockModel(model) || /claude/i.test(model)
}

const routePrefix = /^(?:bedrock(?:_[a-z]+)?|converse|converse_like|invoke|[a-z]{2}(?:-[a-z]+)+-\d)\//

/** A model as it was sent to AWS: without the route that a product writes before it; '' where it has no form of a model. */
export function modelSent(value: unknown): string {
  let model = text(value, forms.model).replaceAll(/%3a/gi, ':').replaceAll(/%2f/gi, '/')
  while (routePrefix.test(model)) model = model.replace(routePrefix, '')
  return /^[A-Za-z0-9:._/-]{1,2048}$/.test(model) ? model : ''
}

/** Where it was sent: from the model's ARN, else from the host of a Bedrock endpoint in any address that the product names. */
export function placeOf(model: string, address: unknown): { readonly account: string; readonly region: string } {
  const named = parseModelId(model)
  const host = typeof address === 'string' ? address : ''
  const [, region = ''] =
    /(?:^|\/\/)bedrock-(?:runtime|mantle)(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(host.slice(0, 512)) ?? []
  return { account: named?.account ?? '', region: named?.region ?? region }
}
