import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { parseJson } from '../../../platform/json/parse-json.ts'
import type { Meter } from './meter.ts'
import { finish, type Reading, readHourLongWrites, readStopReason, readUsage } from './usage.ts'

/** A body over this is not parsed; its tokens then come from the headers alone. */
const longestParsed = 8 * 1024 * 1024

const bodySchema = z.object({
  usage: z.record(z.string(), z.unknown()).optional(),
  stop_reason: z.unknown().optional(),
  stopReason: z.unknown().optional(),
  inputTokens: z.number().int().nonnegative().optional(),
})

/** Reads an answer that comes as one JSON body: Bedrock's token headers (InvokeModel), `usage` and the stop reason. */
export function createBodyMeter(headers: IncomingHttpHeaders): Meter {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    chunk(bytes) {
      size += bytes.length
      if (size <= longestParsed) chunks.push(bytes)
      else chunks.length = 0
    },
    end() {
      const reading: Reading = {}
      readHeaders(headers, reading)
      if (size <= longestParsed) readBody(Buffer.concat(chunks).toString('utf8'), reading)
      return finish(reading)
    },
  }
}

function readHeaders(headers: IncomingHttpHeaders, reading: Reading): void {
  const number = (name: string) => {
    const value = headers[`x-amzn-bedrock-${name}-token-count`]
    return typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : undefined
  }
  const counts = {
    inputTokens: number('input'),
    outputTokens: number('output'),
    cacheReadTokens: number('cache-read-input'),
    cacheWriteTokens: number('cache-write-input'),
  }
  if (counts.inputTokens === undefined) return
  Object.assign(reading, withoutGaps(counts))
  reading.tokensFrom = 'header'
}

function readBody(text: string, reading: Reading): void {
  const body = bodySchema.safeParse(parseJson(text))
  if (!body.success) return
  reading.complete = true
  readStopReason(body.data.stop_reason ?? body.data.stopReason, reading)
  const { usage, inputTokens } = body.data
  readHourLongWrites(usage?.['cache_creation'], reading)
  if (reading.tokensFrom === 'header') return
  if (usage !== undefined) {
    readUsage('anthropic', usage, reading)
    readUsage('converse', usage, reading)
  } else if (inputTokens !== undefined) reading.inputTokens = inputTokens
  if (reading.inputTokens !== undefined || reading.outputTokens !== undefined) reading.tokensFrom = 'body'
}

function withoutGaps(counts: Record<string, number | undefined>): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [name, value] of Object.entries(counts)) if (value !== undefined) found[name] = value
  return found
}
