import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { parseYaml } from '../platform/parse-yaml.ts'
import { errnoOf, TriptychError } from '../platform/triptych-error.ts'
import { type Config, configSchema } from './config-schema.ts'

// The only reader of the environment and of configuration files.

const defaultFile = 'triptych.yaml'
const prefix = 'TRIPTYCH_'
/** Variables of ours that are not configuration. */
const notConfig: ReadonlySet<string> = new Set(['TRIPTYCH_CONFIG', 'TRIPTYCH_WORKER', 'TRIPTYCH_WORKER_AGAIN'])
/** Settings of `triptych login`, a program of its own. */
const signInPrefix = 'TRIPTYCH_SIGNIN_'

/** The process's environment; nothing else reads it. */
export const environment: Readonly<Record<string, string | undefined>> = process.env

/**
 * File, then environment over it, checked as a whole. Throws CONFIG_UNREADABLE, CONFIG_UNKNOWN_KEY (with the nearest known
 * name) or CONFIG_INVALID, each naming the key.
 */
export function loadConfig(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>> = environment,
): Config {
  const path = file ?? env['TRIPTYCH_CONFIG'] ?? (existsSync(defaultFile) ? defaultFile : undefined)
  const written = path === undefined ? {} : readYaml(path)
  return checkConfig(overlay(written, env))
}

/** Whether anything says which account to use: a file or a variable. Without it `triptych up` plays the demo. */
export function isConfigured(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>> = environment,
): boolean {
  return (
    file !== undefined ||
    env['TRIPTYCH_CONFIG'] !== undefined ||
    existsSync(defaultFile) ||
    env['TRIPTYCH_GATEWAY__STS__ROLE'] !== undefined
  )
}

/** Checks a whole configuration and makes its paths absolute. */
export function checkConfig(value: unknown): Config {
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) throw configError(parsed.error)
  return Object.freeze({ ...parsed.data, dataDir: resolve(parsed.data.dataDir) })
}

function readYaml(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TriptychError('CONFIG_UNREADABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  }
  const yaml = parseYaml(text)
  if (!yaml.ok) throw new TriptychError('CONFIG_UNREADABLE', { path, line: yaml.line, reason: yaml.reason })
  return yaml.value ?? {}
}

/** `TRIPTYCH_GATEWAY__LISTEN` sets gateway.listen; names are matched without regard to case. */
function overlay(written: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  let config: unknown = written
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined) continue
    if (notConfig.has(name) || name.startsWith(signInPrefix)) continue
    config = setIn(config, configSchema, name.slice(prefix.length).split('__'), value, name)
  }
  return config
}

function setIn(target: unknown, schema: unknown, path: readonly string[], value: string, variable: string): unknown {
  const [head, ...rest] = path
  if (head === undefined) return scalar(value)
  const known = keysOf(schema)
  const key = known.find((name) => name.toLowerCase() === head.toLowerCase())
  if (key === undefined)
    throw new TriptychError('CONFIG_UNKNOWN_KEY', { key: variable, nearest: variableNear(variable, path, known) })
  const before = isRecord(target) ? target : {}
  return { ...before, [key]: setIn(before[key], fieldOf(schema, key), rest, value, variable) }
}

/** The variable as it should have been written. */
function variableNear(variable: string, path: readonly string[], known: readonly string[]): string {
  const parts = variable.split('__')
  const at = parts.length - path.length
  const name = nearest((path[0] ?? '').toLowerCase(), known).toUpperCase()
  return [...parts.slice(0, at), at === 0 ? `${prefix}${name}` : name, ...parts.slice(at + 1)].join('__')
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function configError(error: z.ZodError): TriptychError {
  const issue = error.issues[0]
  const path = issue?.path.map(String) ?? []
  if (issue?.code !== 'unrecognized_keys') {
    return new TriptychError('CONFIG_INVALID', {
      key: path.join('.') || '(whole file)',
      reason: issue?.message ?? 'invalid',
      ...others(error),
    })
  }
  const key = issue.keys[0] ?? ''
  const schema = path.reduce<unknown>((at, part) => fieldOf(at, part), configSchema)
  return new TriptychError('CONFIG_UNKNOWN_KEY', {
    key: [...path, key].join('.'),
    nearest: nearest(key, keysOf(schema)),
    ...others(error),
  })
}

/** Every wrong key beside the first, so that one look is enough. */
function others(error: z.ZodError): { readonly also?: string } {
  const keys = error.issues.flatMap((issue) => {
    const path = issue.path.map(String)
    return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key].join('.')) : [path.join('.')]
  })
  return keys.length < 2 ? {} : { also: keys.slice(1).join(' ') }
}

function keysOf(schema: unknown): readonly string[] {
  const inner = unwrap(schema)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}

function fieldOf(schema: unknown, key: string): unknown {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray) return inner.element
  return inner instanceof z.ZodObject ? inner.shape[key] : undefined
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap())
  return schema
}

function nearest(key: string, known: readonly string[]): string {
  return [...known].sort((a, b) => distance(key, a) - distance(key, b))[0] ?? 'none'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
