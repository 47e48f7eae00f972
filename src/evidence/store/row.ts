import { z } from 'zod'

// The one place where camelCase meets snake_case, and where ClickHouse's values become ours.

/** A UInt64 or Int64: it arrives as text. Throws (as a row out of form) above 2^53, never rounds. */
export const wholeNumber = z
  .union([z.number(), z.string().regex(/^-?\d{1,19}$/)])
  .transform(Number)
  .pipe(z.number().int())

/** A UInt8 that says yes or no. */
export const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean)

/** A DateTime64(3,'UTC') as ISO 8601 with milliseconds. */
export const instant = z.iso.datetime()

/** `callId` → `call_id`. */
function columnName(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `call_id` → `callId`. */
function fieldName(column: string): string {
  return column.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A row as the engine takes it in: column names, absent values as NULL. */
export function toColumns(row: object): Readonly<Record<string, unknown>> {
  const columns: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(row)) {
    columns[columnName(field)] = typeof value === 'boolean' ? Number(value) : (value ?? null)
  }
  return columns
}

/** Reads rows in column names into `schema`, which is in field names. */
export function fromColumns<Row extends z.ZodType>(schema: Row): z.ZodType<z.output<Row>> {
  return z.record(z.string(), z.unknown()).transform((columns, context): z.output<Row> => {
    const read = schema.safeParse(toFields(columns))
    if (read.success) return read.data
    for (const { path, code } of read.error.issues) context.addIssue({ code: 'custom', path: [...path], message: code })
    return z.NEVER
  })
}

function toFields(columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(columns).map(([column, value]) => [fieldName(column), value]))
}
