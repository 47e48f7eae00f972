import { z } from 'zod'
import { metadata } from './field-class.ts'
import { operations } from './operation.ts'
import { outcomes } from './outcome.ts'
import { labelPattern } from './principal.ts'

// A call as another company's gateway logged it. As in our own gateway's records, no field can hold a prompt, a response or free
// text: each string has a grammar. Who it was stands in the vault; here is the alias.

/** Gateways of others whose logs are read. */
export const foreignProducts = ['litellm', 'claude-apps-gateway', 'kong', 'envoy', 'agentgateway', 'portkey'] as const
/** One of them. */
export type ForeignProduct = (typeof foreignProducts)[number]

/** A name for the log of one installation, so that two of one product are told apart. */
export const foreignSourcePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const milliseconds = count.max(2 ** 32 - 1)
const label = z.string().regex(labelPattern).or(z.literal(''))

/** One call of one line of such a log. What the log does not say is '' or absent: unknown, never zero. */
export const foreignCallSchema = z.object({
  product: metadata(z.enum(foreignProducts)),
  source: metadata(z.string().regex(foreignSourcePattern)),
  /** Ours: the product and a digest, the same for the same call in another copy of the log. */
  id: metadata(z.string().regex(/^[a-z-]{1,32}:[0-9a-f]{24}$/)),
  /** The product's own. */
  requestId: metadata(z.string().regex(/^[A-Za-z0-9._:#/=+-]{0,200}$/)),
  awsRequestId: metadata(z.string().regex(/^[A-Za-z0-9-]{0,128}$/)),
  /** A pseudonym of whom the product names, or an alias of ours that it names; '' for nobody. */
  alias: metadata(z.string().regex(/^([pq][0-9a-z]{20})?$/)),
  model: metadata(z.string().regex(/^[A-Za-z0-9:._/-]{0,2048}$/)),
  operation: metadata(z.enum(operations).or(z.literal(''))),
  team: metadata(label),
  project: metadata(label),
  account: metadata(z.string().regex(/^(\d{12})?$/)),
  region: metadata(z.string().regex(/^[a-z0-9-]{0,32}$/)),
  startedAt: metadata(z.iso.datetime()),
  endedAt: metadata(z.iso.datetime().optional()),
  /** Absent where the log does not say how it ended. */
  result: metadata(z.enum(outcomes).optional()),
  httpStatus: metadata(z.number().int().min(100).max(999).optional()),
  errorCode: metadata(z.string().regex(/^[A-Za-z0-9_.:-]{0,96}$/)),
  inputTokens: metadata(count.optional()),
  outputTokens: metadata(count.optional()),
  cacheReadTokens: metadata(count.optional()),
  cacheWriteTokens: metadata(count.optional()),
  stopReason: metadata(z.string().regex(/^[a-z_]{0,48}$/)),
  requestBytes: metadata(count.optional()),
  responseBytes: metadata(count.optional()),
  firstByteMs: metadata(milliseconds.optional()),
  durationMs: metadata(milliseconds.optional()),
})

/** A call in another gateway's log. */
export type ForeignCall = z.infer<typeof foreignCallSchema>

/** Under which gateway's name its calls stand: `litellm:prod`. Journals of ours have no colon in their name. */
export function foreignGatewayName(product: ForeignProduct, source: string): string {
  return `${product}:${source}`
}

/** Whether a gateway's name is that of a log that another product wrote: such a gateway has no journal of ours. */
export function isForeignGateway(name: string): boolean {
  return foreignProducts.some((product) => name.startsWith(`${product}:`))
}
