import { AwsError } from './aws-error.ts'
import { parseJson } from './lines.ts'

const form = /^[a-zA-Z0-9\s:_@$#=/+,\-.]*$/
const mostEntries = 16
const longestText = 256
const longestHeader = 8_500

/**
 * What a caller said of its request: Converse in the body, InvokeModel in a header (Amazon Bedrock API reference,
 * requestMetadata). Undefined when nothing was said. Throws ValidationException.
 */
export function requestMetadataOf(
  operation: string,
  header: string | string[] | undefined,
  body: unknown,
): Readonly<Record<string, string>> | undefined {
  if (operation === 'CountTokens') return undefined
  if (operation.startsWith('Converse')) {
    const said =
      typeof body === 'object' && body !== null && 'requestMetadata' in body ? body.requestMetadata : undefined
    return said === undefined ? undefined : checked(said)
  }
  if (header === undefined) return undefined
  if (typeof header !== 'string' || header.length > longestHeader) throw refusal()
  return checked(parseJson(header))
}

function checked(said: unknown): Readonly<Record<string, string>> {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw refusal()
  const entries = Object.entries(said).map(([key, value]) => [key, fits(key) && key !== '' && fits(value)] as const)
  if (entries.length === 0 || entries.length > mostEntries || !entries.every(([, good]) => good)) throw refusal()
  return Object.fromEntries(Object.entries(said).map(([key, value]) => [key, String(value)]))
}

function fits(text: unknown): boolean {
  return typeof text === 'string' && text.length <= longestText && form.test(text)
}

function refusal(): AwsError {
  return new AwsError(400, 'ValidationException', 'requestMetadata does not have its form')
}
