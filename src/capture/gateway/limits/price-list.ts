import { join } from 'node:path'
import { z } from 'zod'
import { readNamedFile } from '../../../platform/files.ts'
import { namePattern } from '../../../platform/name-pattern.ts'
import { parseYaml } from '../../../platform/parse-yaml.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import type { Metering } from '../../../record/gateway-call.ts'
import type { ModelId } from '../../../record/model-id.ts'

/** USD per million tokens. */
const usd = z.number().nonnegative().max(100_000)

const priceSchema = z.strictObject({
  /** A pattern on base model ids; the first that fits holds. */
  model: z.string().min(1),
  input: usd,
  output: usd,
  cacheRead: usd.optional(),
  /** Writes that last five minutes; those that last an hour. */
  cacheWrite: usd.optional(),
  cacheWrite1h: usd.optional(),
  /** What everything is multiplied by where the call does not go to the global profile. */
  outsideGlobal: z.number().min(1).max(10).default(1),
})

const listSchema = z.strictObject({
  asOf: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day, YYYY-MM-DD, in quotes'),
  source: z.string().min(1),
  prices: z.array(priceSchema).min(1),
})

/** What calls cost. */
export interface PriceList {
  /** The day of the prices. */
  readonly asOf: string
  /** Millionths of a US dollar, rounded up; undefined where the model has no price or a count is not known: never zero by guess. */
  costOf(model: ModelId, metering: Metering): number | undefined
}

const published = join(import.meta.dirname, 'bedrock-prices.yaml')

/** Reads a price list, by default the one that comes along. Throws PRICES_INVALID, FILE_UNREADABLE. */
export async function readPriceList(path = published): Promise<PriceList> {
  const yaml = parseYaml((await readNamedFile(path)).toString('utf8'))
  if (!yaml.ok) throw new TriptychError('PRICES_INVALID', { path, line: yaml.line, reason: yaml.reason })
  const parsed = listSchema.safeParse(yaml.value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new TriptychError('PRICES_INVALID', {
      path,
      field: issue?.path.join('.') ?? '',
      reason: issue?.message ?? '',
    })
  }
  const prices = parsed.data.prices.map((price) => ({ ...price, fits: namePattern(price.model) }))
  return {
    asOf: parsed.data.asOf,
    costOf(model, metering) {
      const price = prices.find(({ fits }) => fits(model.model ?? ''))
      return price === undefined ? undefined : costAt(price, model, metering)
    },
  }
}

function costAt(price: z.infer<typeof priceSchema>, model: ModelId, metering: Metering): number | undefined {
  const { inputTokens, outputTokens } = metering
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  const { cacheReadTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens = 0 } = metering
  const parts: readonly (readonly [tokens: number, price: number | undefined])[] = [
    [inputTokens, price.input],
    [outputTokens, price.output],
    [cacheReadTokens, price.cacheRead],
    [Math.max(0, cacheWriteTokens - cacheWrite1hTokens), price.cacheWrite],
    [cacheWrite1hTokens, price.cacheWrite1h],
  ]
  // USD per million tokens is millionths of a dollar per token.
  let sum = 0
  for (const [tokens, each] of parts) {
    if (tokens === 0) continue
    if (each === undefined) return undefined
    sum += tokens * each
  }
  return Math.ceil(sum * (model.scope === 'global' ? 1 : price.outsideGlobal))
}
