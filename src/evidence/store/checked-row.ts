import type { z } from 'zod'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { QueryTag } from './engine.ts'

/** A row in the form the reader expects. Throws STORE_FAILED that names the field, never its value. */
export function checkedRow<Row>(schema: z.ZodType<Row>, raw: unknown, tag: QueryTag): Row {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new TriptychError('STORE_FAILED', {
    surface: tag.surface,
    reason: 'row out of form',
    field: issue?.path.join('.') ?? '',
    issue: issue?.code ?? '',
  })
}
