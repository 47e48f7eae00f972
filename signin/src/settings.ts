import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Machine } from './machine.ts'
import { settingsFiles } from './places.ts'
import { errnoOf, SignInError } from './sign-in-error.ts'

/** Parameters that this program sets itself (RFC 6749 §4.1.1, RFC 7636, OpenID Connect Core §3.1.2.1). */
const ownParameters =
  /^(client_id|client_secret|redirect_uri|response_type|response_mode|scope|state|nonce|code.*|request.*)$/

const fields = z.strictObject({
  issuer: z.string().refine(isTrustworthyAddress, 'must be an https address'),
  client_id: z.string().min(1),
  /** Some providers give desktop programs a "secret" that is none (RFC 8252 §8.5). In a file or a variable, never a flag. */
  client_secret: z.string().min(1),
  scope: z.string().refine((scope) => scope.split(' ').includes('openid'), 'must hold `openid`'),
  /** Sent as `audience`, which some providers ask for. */
  audience: z.string().min(1),
  /** Sent as `resource` (RFC 8707). */
  resource: z.string().min(1),
  /** Further parameters of the authorization request, such as `prompt`. */
  parameters: z.record(
    z.string().refine((name) => !ownParameters.test(name), 'is set by the program itself'),
    z.string(),
  ),
  token: z.enum(['access_token', 'id_token']),
  flow: z.enum(['auto', 'browser', 'device']),
  /** 0: any free port (RFC 8252 §7.3). Only for providers that want the exact address registered. */
  redirect_port: z.coerce.number().int().min(0).max(65_535),
  storage: z.enum(['auto', 'keychain', 'file']),
  /** A token with fewer seconds left is replaced. */
  refresh_before_seconds: z.coerce.number().int().min(0).max(3_600),
  /** `token` ends within this. */
  timeout_seconds: z.coerce.number().int().min(2).max(60),
  /** How long `login` waits for the person. */
  login_timeout_seconds: z.coerce.number().int().min(1).max(3_600),
})
const layerSchema = fields.partial()

/** Settings with their defaults, as a sign-in is stored with them. */
export const settingsSchema = layerSchema.required({ issuer: true, client_id: true }).extend({
  scope: fields.shape.scope.default('openid offline_access'),
  parameters: fields.shape.parameters.default({}),
  token: fields.shape.token.default('access_token'),
  flow: fields.shape.flow.default('auto'),
  redirect_port: fields.shape.redirect_port.default(0),
  storage: fields.shape.storage.default('auto'),
  refresh_before_seconds: fields.shape.refresh_before_seconds.default(60),
  timeout_seconds: fields.shape.timeout_seconds.default(10),
  login_timeout_seconds: fields.shape.login_timeout_seconds.default(300),
})

/** How to sign in, and what to hand out. */
export type Settings = z.infer<typeof settingsSchema>

/** Flags by the names of the settings. */
export type Flags = Readonly<Record<string, string>>

/**
 * Flags over variables over the person's file over the company's, field by field; undefined when no issuer is named anywhere.
 * Throws SETTINGS_INVALID, naming file or variable and field.
 */
export function loadSettings(machine: Machine, flags: Flags = {}): Settings | undefined {
  const layers = [
    ...settingsFiles(machine).map(readLayer),
    checkLayer(fromEnvironment(machine), (field) => `TRIPTYCH_SIGNIN_${field.toUpperCase()}`),
    checkLayer(flags, (field) => `--${field.replaceAll('_', '-')}`),
  ]
  const merged = Object.assign({}, ...layers)
  if (merged.issuer === undefined && merged.client_id === undefined) return undefined
  return checked(settingsSchema, merged, (field) => `\`${field}\``)
}

/** https, or http on this machine's loopback, which only tests and development use. */
export function isTrustworthyAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

function isLoopback(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost'
}

function readLayer(path: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return {}
    const reason = errnoOf(cause) ?? 'it is not JSON'
    throw new SignInError('SETTINGS_INVALID', `${path} cannot be read, ${reason}`)
  }
  return checkLayer(value, (field) => `\`${field}\` in ${path}`)
}

function fromEnvironment(machine: Machine): Flags {
  const found = Object.keys(fields.shape)
    .filter((field) => field !== 'parameters')
    .map((field) => [field, machine.env[`TRIPTYCH_SIGNIN_${field.toUpperCase()}`] ?? ''])
    .filter(([, value]) => value !== '')
  return Object.fromEntries(found)
}

function checkLayer(value: unknown, nameOf: (field: string) => string): unknown {
  return checked(layerSchema, value, nameOf)
}

function checked<Value>(schema: z.ZodType<Value>, value: unknown, nameOf: (field: string) => string): Value {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const field = unknownKey ?? issue?.path.join('.') ?? ''
  const reason = unknownKey === undefined ? reasonOf(issue) : 'is not a known setting'
  throw new SignInError('SETTINGS_INVALID', `${nameOf(field)} ${reason}`)
}

/** Zod's own sentences name what is expected, never the value. */
function reasonOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'custom') return issue.message
  return issue?.code === 'invalid_key'
    ? 'is set by the program itself'
    : `is wrong (${issue?.message ?? 'not an object'})`
}
