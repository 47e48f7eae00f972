import type { AwsError } from './aws-error.ts'
import type { Exchange } from './parts.ts'

/** Answers with JSON and AWS's request id. */
export function answerJson(
  exchange: Exchange,
  requestId: string,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  exchange.response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'x-amzn-requestid': requestId,
      ...headers,
    })
    .end(bytes)
}

/** AWS's error answer of the JSON protocols (Amazon Bedrock API reference, common errors). */
export function answerError(exchange: Exchange, requestId: string, error: AwsError): void {
  if (exchange.response.headersSent) return
  answerJson(
    exchange,
    requestId,
    error.status,
    { message: error.message },
    { 'x-amzn-errortype': `${error.code}:http://internal.amazon.com/coral/com.amazon.bedrock/` },
  )
}
