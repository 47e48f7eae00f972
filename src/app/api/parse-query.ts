import { z } from 'zod'
import { TriptychError } from '../../platform/triptych-error.ts'
import { isVerdict } from '../../record/verdict.ts'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const defaultSpan = '2d'

/** `15m`, `24h`, `2d` before now, a day (`2026-11-23`, UTC), or an ISO 8601 moment with its zone. */
export function parseMoment(text: string, now: number): number | undefined {
  const [, number, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? []
  if (number !== undefined) return now - Number(number) * (units[unit ?? 'm'] ?? 0)
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

const word = z.string().min(1).max(256)
const limitForm = 'a whole number from 1 to 1000'
/** The parameters that a list of calls takes. */
export const callParams = z.strictObject({
  since: word.optional(),
  until: word.optional(),
  person: word.optional(),
  team: word.optional(),
  project: word.optional(),
  model: word.optional(),
  region: word.optional(),
  verdict: word.refine(isVerdict, 'not a verdict').optional(),
  /** Only calls judged after this moment, oldest judgement first: what a live view adds. */
  judgedAfter: z.iso.datetime().optional(),
  limit: z.coerce.number(limitForm).int(limitForm).min(1, limitForm).max(1000, limitForm).default(50),
})

/** The parameters of an answer over a span of time. */
export const windowOnly = z.strictObject({ since: word.optional(), until: word.optional() })

/** Reads parameters; what is unknown or malformed is refused, never ignored: QUERY_INVALID names the field. */
export function parseParams<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.')
  throw new TriptychError('QUERY_INVALID', { field: field ?? 'query', reason: issue?.message ?? 'invalid' })
}

/** The window that `since` and `until` name; by default the last two days. */
export function parseWindow(
  params: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: number,
): { since: number; until: number } {
  const since = parseMoment(params.since ?? defaultSpan, now)
  const until = params.until === undefined ? now : parseMoment(params.until, now)
  const field = since === undefined ? 'since' : 'until'
  if (since === undefined || until === undefined)
    throw new TriptychError('QUERY_INVALID', { field, reason: '15m, 24h, 2d, a day or an ISO 8601 time with its zone' })
  if (since >= until) throw new TriptychError('QUERY_INVALID', { field: 'since', reason: 'must be before until' })
  return { since, until }
}
