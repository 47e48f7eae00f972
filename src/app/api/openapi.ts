import { z } from 'zod'
import { type Permission, rolesFor } from '../access/permissions.ts'
import { version } from '../version.ts'
import { type RouteRow, routeTable } from './route-table.ts'

/** OpenAPI 3.1 of /api/v1, from the table that also decides who may use it. */
export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const row of routeTable) {
    const path = row.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operation(row) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Triptych',
      version,
      description: 'Three witnesses of every call to Claude on Amazon Bedrock, joined. Times are RFC 3339 in UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'triptych_session' } },
      schemas: { Problem: problem },
    },
  }
}

const problem = {
  type: 'object',
  description: 'Problem details (RFC 9457); `code` never changes.',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    fix: { type: 'string' },
    facts: { type: 'object' },
  },
}

function operation(row: RouteRow): object {
  const inPath = [...row.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const parameters = [...inPath, ...queryParameters(row.query), ...(row.method === 'GET' ? [] : [csrfHeader])]
  return {
    operationId: operationId(row),
    summary: row.does,
    security: row.permission === 'open' || row.permission === 'own' ? [] : [{ session: [] }],
    ...describeAccess(row.permission),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(row.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(row.body, 'input') } } },
        }),
    responses: {
      [row.answer === undefined && row.types === undefined ? '204' : '200']: answer(row),
      default: {
        description: 'What went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function operationId(row: RouteRow): string {
  const words = row.path.split(/[/:.]/).filter((word) => word !== '')
  return [row.method.toLowerCase(), ...words].map((word, i) => (i === 0 ? word : capital(word))).join('')
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
}

function answer(row: RouteRow): object {
  const schema = row.answer === undefined ? undefined : jsonSchema(row.answer, 'output')
  if (row.types !== undefined) {
    const content = row.types.map((type) => [type, { schema: schema ?? { type: 'string' } }])
    return { description: row.does, content: Object.fromEntries(content) }
  }
  return schema === undefined
    ? { description: row.does }
    : { description: row.does, content: { 'application/json': { schema } } }
}

/** No form and no foreign page can send it without being asked first. */
const csrfHeader = {
  name: 'x-triptych-csrf',
  in: 'header',
  required: true,
  schema: { type: 'string', const: '1' },
}

function describeAccess(permission: Permission): object {
  if (permission === 'own') return { description: 'Over the owner’s socket only.' }
  const roles = rolesFor(permission)
  return roles.length === 0 ? {} : { description: `One of these roles: ${roles.join(', ')}.` }
}

const querySchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
})

function queryParameters(query: z.ZodType | undefined): readonly object[] {
  if (query === undefined) return []
  const { properties, required } = querySchema.parse(jsonSchema(query, 'input'))
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
