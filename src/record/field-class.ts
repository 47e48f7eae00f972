import { z } from 'zod'

/**
 * What a field may tell. `metadata`: ids, numbers, times, names of AWS resources that are not people.
 * `identity`: anything that leads to a person. `content`: anything a person or a model wrote.
 */
export type FieldClass = 'metadata' | 'identity' | 'content'

/** Every field of a record schema is registered here with its class; a field without one cannot be written anywhere. */
export const fieldClasses = z.registry<{ class: FieldClass }>()

/** Marks a field as metadata. */
export function metadata<T extends z.ZodType>(schema: T): T {
  fieldClasses.add(schema, { class: 'metadata' })
  return schema
}

/** Marks a field as identity. */
export function identity<T extends z.ZodType>(schema: T): T {
  fieldClasses.add(schema, { class: 'identity' })
  return schema
}

/** Marks a field as content. */
export function content<T extends z.ZodType>(schema: T): T {
  fieldClasses.add(schema, { class: 'content' })
  return schema
}

/** The class of each field; a field that nobody marked is `undefined` and no place may hold it. */
export function classesOf(schema: z.ZodObject): ReadonlyMap<string, FieldClass | undefined> {
  return new Map(Object.entries(schema.shape).map(([name, field]) => [name, classOf(field)]))
}

/** The names of the fields that a place which holds only `allowed` must refuse. */
export function fieldsRefused(schema: z.ZodObject, allowed: readonly FieldClass[]): readonly string[] {
  const refused: string[] = []
  for (const [name, kind] of classesOf(schema)) if (kind === undefined || !allowed.includes(kind)) refused.push(name)
  return refused
}

function classOf(field: unknown): FieldClass | undefined {
  return field instanceof z.ZodType ? fieldClasses.get(field)?.class : undefined
}
