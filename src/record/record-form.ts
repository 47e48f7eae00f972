import type { z } from 'zod'
import { type FieldClass, fieldsRefused } from './field-class.ts'

/** The outcome of checking a body against the form of its record. */
export type FormCheck =
  | { readonly ok: true; readonly body: Record<string, unknown> }
  | { readonly ok: false; readonly fields: string }

/**
 * The form of a record at a place that may hold only `allowed` classes. A schema with a field of another class, or of none,
 * is refused whole: the mistake shows at the first write, not when somebody finds a name on a disk.
 */
export function recordForm(schema: z.ZodObject, allowed: readonly FieldClass[]): { check(body: unknown): FormCheck } {
  const refused = fieldsRefused(schema, allowed)
  // Once: zod compiles a schema at its first use.
  const strict = schema.strict()
  return {
    check(body) {
      if (refused.length > 0) return { ok: false, fields: refused.join(' ') }
      const parsed = strict.safeParse(body)
      if (parsed.success) return { ok: true, body: parsed.data }
      return { ok: false, fields: parsed.error.issues.map((issue) => issue.path.join('.') || issue.code).join(' ') }
    },
  }
}
