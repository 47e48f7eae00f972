import type { Context } from 'hono'
import { z } from 'zod'
import {
  type CallFilter,
  type CallSelection,
  callFilters,
  type FilterValues,
} from '../../evidence/store/queries/call-filters.ts'
import type { Cursor } from '../../evidence/store/queries/list-calls.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import { provableRecords } from '../../record/provable-record.ts'
import { isVerdict } from '../../record/verdict.ts'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const defaultSpan = '2d'

/** `15m`, `24h`, `2d` before now, a day (`2026-11-23`, UTC), or an ISO 8601 moment with its zone. */
export function parseMoment(text: string, now: number): number | undefined {
  const [, number, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? []
  if (number !== undefined) return now - Number(number) * (units[unit ?? 'm'] ?? 0)
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined
  const at = Date.parse(text)
  return at >= earliest && at <= latest ? at : undefined
}

/** Nothing of ours is older or will be younger. */
const earliest = Date.UTC(2000, 0)
const latest = Date.UTC(2200, 0)

const word = z.string().min(1).max(256)
const whole = (least: number, most: number) => {
  const form = `a whole number from ${least} to ${most}`
  return z.coerce.number(form).int(form).min(least, form).max(most, form)
}

const mostValues = 100
/** One value or several with commas between them; commas in a value are not needed by anything that is filtered. */
const several = z
  .string()
  .min(1)
  .max(16_384)
  .transform((text) => text.split(',').filter((value) => value !== ''))
  .refine((values) => values.length > 0 && values.length <= mostValues, `1 to ${mostValues} values`)
const severalVerdicts = several.refine((values) => values.every(isVerdict), 'not a verdict')

/** Filters of a list of calls; `verdict!=a,b` leaves out. */
const filterParams = {
  person: several.optional(),
  team: several.optional(),
  project: several.optional(),
  session: several.optional(),
  model: several.optional(),
  operation: several.optional(),
  account: several.optional(),
  region: several.optional(),
  finding: several.optional(),
  verdict: severalVerdicts.optional(),
  q: word.transform((text) => [text]).optional(),
  'person!': several.optional(),
  'team!': several.optional(),
  'project!': several.optional(),
  'session!': several.optional(),
  'model!': several.optional(),
  'operation!': several.optional(),
  'account!': several.optional(),
  'region!': several.optional(),
  'finding!': several.optional(),
  'verdict!': severalVerdicts.optional(),
} as const

const windowParams = { since: word.optional(), until: word.optional() }

/** The parameters of everything that is counted or listed by filters. */
export const selectionParams = z.strictObject({ ...windowParams, ...filterParams })

const cursorForm = /^(\d{1,15})\.([A-Za-z0-9-]{1,128})$/
/** The parameters that a list of calls takes. */
export const callParams = selectionParams.extend({
  /** `next` of an earlier answer. */
  cursor: z.string().regex(cursorForm, 'the `next` of an earlier answer').optional(),
  limit: whole(1, 1000).default(50),
})

/** The parameters of a histogram. */
export const histogramParams = selectionParams.extend({ buckets: whole(1, 200).default(96) })

/** The parameters of an export. */
export const exportParams = selectionParams.extend({ format: z.enum(['csv', 'jsonl']).default('csv') })

/** The parameters of a list of sessions. */
export const sessionParams = selectionParams.extend({
  limit: whole(1, 1000).default(100),
  format: z.enum(['json', 'csv']).default('json'),
})

/** The parameters of a receipt. */
export const proofParams = z.strictObject({
  /** By default the first that there is of outcome, intent, access, content. */
  record: z.enum(provableRecords).optional(),
  as: z.enum(['tlog-proof', 'json']).default('tlog-proof'),
})

/** Two sizes of the log, the smaller first. */
export const consistencyParams = z.strictObject({
  from: whole(0, Number.MAX_SAFE_INTEGER),
  to: whole(0, Number.MAX_SAFE_INTEGER),
})

/** The selection that parameters name. */
export function selectionOf(params: z.infer<typeof selectionParams>, now: number): CallSelection {
  const filters: Partial<Record<CallFilter, FilterValues>> = {}
  const given = new Map(Object.entries(params))
  const values = (name: string) => {
    const value = given.get(name)
    return Array.isArray(value) ? value : []
  }
  for (const name of callFilters) {
    const filter = { is: values(name), not: values(`${name}!`) }
    if (filter.is.length + filter.not.length > 0) filters[name] = filter
  }
  return { window: parseWindow(params, now), filters }
}

/** A place in a list as it goes over the wire. */
export function cursorText(call: { readonly at: string; readonly key: string }): string {
  return `${Date.parse(call.at)}.${call.key}`
}

/** And back. */
export function parseCursor(text: string | undefined): Cursor | undefined {
  const [, at, key] = cursorForm.exec(text ?? '') ?? []
  return at === undefined || key === undefined ? undefined : { at: Number(at), key }
}

/** The parameters of an answer over a span of time. */
export const windowOnly = z.strictObject(windowParams)

/** The parameters of a request, each given once: of two values one would be dropped without a word. Throws QUERY_INVALID. */
export function paramsOf(context: Context): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [name, values] of Object.entries(context.req.queries())) {
    if (values.length > 1)
      throw new TriptychError('QUERY_INVALID', {
        field: name,
        reason: 'given twice; several values stand in one, with commas',
      })
    given[name] = values[0] ?? ''
  }
  return given
}

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
