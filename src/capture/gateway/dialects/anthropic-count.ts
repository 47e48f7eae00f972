import { Transform } from 'node:stream'
import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { ModelId } from '../../../record/model-id.ts'
import { bedrockPath } from './bedrock.ts'
import type { BedrockRequest } from './dialect.ts'

/** A body of InvokeModel has to bound its output, also where only its input is counted. */
const leastOutput = 1

/**
 * `/v1/messages/count_tokens` onto Bedrock's CountTokens, tools and system prompt included: the body that InvokeModel would get, in
 * base 64 (AWS API reference, CountTokens). It counts for base models: a cross-region profile is named by its model.
 */
export function countRequest(
  model: ModelId,
  asked: Readonly<Record<string, unknown>>,
  betas: readonly string[],
): BedrockRequest {
  const invoke = {
    max_tokens: leastOutput,
    ...asked,
    ...(betas.length > 0 ? { anthropic_beta: betas } : {}),
    anthropic_version: 'bedrock-2023-05-31',
  }
  const counted = Buffer.from(JSON.stringify(invoke)).toString('base64')
  return {
    operation: 'CountTokens',
    streaming: false,
    model,
    path: bedrockPath(model.model ?? model.asSent, 'CountTokens'),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify({ input: { invokeModel: { body: counted } } })),
  }
}

const countSchema = z.object({ inputTokens: z.number().int().nonnegative() })

/** `{inputTokens}` in, `{input_tokens}` out; an answer of another form breaks off rather than counting wrong. */
export function countedTokens(): Transform {
  const chunks: Buffer[] = []
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
    flush(done) {
      const counted = countSchema.safeParse(parseJson(Buffer.concat(chunks)))
      if (counted.success) done(null, JSON.stringify({ input_tokens: counted.data.inputTokens }))
      else done(new RangeError('not a token count'))
    },
  })
}
