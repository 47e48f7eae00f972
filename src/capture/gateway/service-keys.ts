import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import { writeFileAtomic } from '../../platform/files.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'
import { operations } from '../../record/operation.ts'
import { labelPattern } from '../../record/principal.ts'
import { modelPattern } from './policy/policy.ts'

/** A key for a pipeline: `tsk_<id>_<secret>`. Only the SHA-256 of the secret is kept; the key is shown once. */
export const serviceKeySchema = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  secretSha256: z.string().regex(/^[0-9a-f]{64}$/),
  team: z.string().regex(labelPattern).optional(),
  project: z.string().regex(labelPattern).optional(),
  costCentre: z.string().regex(labelPattern).optional(),
  /** Patterns on base model ids, and operations: what the key may do of what the policy allows it; absent: all of that. */
  models: z.array(modelPattern).max(64).optional(),
  operations: z.array(z.enum(operations)).optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
})

/** A service key without its secret. */
export type ServiceKey = z.infer<typeof serviceKeySchema>

const fileSchema = z.object({ v: z.literal(1), keys: z.array(serviceKeySchema) })
const form = /^tsk_([0-9a-f]{12})_([0-9a-f]{64})$/

/** Whether a credential claims to be a service key at all. */
export function looksLikeServiceKey(token: string): boolean {
  return token.startsWith('tsk_')
}

/** Reads all keys; none when the file does not exist yet. */
export async function readServiceKeys(path: string): Promise<readonly ServiceKey[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw cause
  })
  if (text === undefined) return []
  const parsed = fileSchema.safeParse(jsonOf(text))
  if (!parsed.success) throw new TriptychError('CONFIG_INVALID', { key: 'service-keys.json', reason: 'not a key file' })
  return parsed.data.keys
}

/** What a new key is made of; it expires after `days`. */
export interface NewServiceKey {
  readonly name: string
  readonly team?: string | undefined
  readonly project?: string | undefined
  readonly costCentre?: string | undefined
  readonly models?: readonly string[] | undefined
  readonly operations?: readonly string[] | undefined
  readonly days: number
}

const longestDays = 3650

/** Makes a key and returns it whole: the only time it is seen. Throws QUERY_INVALID. */
export async function createServiceKey(
  path: string,
  wanted: NewServiceKey,
  clock: Clock,
  random: (bytes: number) => Uint8Array,
): Promise<{ readonly key: ServiceKey; readonly token: string }> {
  if (!(Number.isInteger(wanted.days) && wanted.days >= 1 && wanted.days <= longestDays))
    throw new TriptychError('QUERY_INVALID', { field: 'days', reason: `a whole number from 1 to ${longestDays}` })
  const id = Buffer.from(random(6)).toString('hex')
  const secret = Buffer.from(random(32)).toString('hex')
  const key = serviceKeySchema.safeParse({
    id,
    name: wanted.name,
    secretSha256: sha256(secret),
    team: wanted.team,
    project: wanted.project,
    costCentre: wanted.costCentre,
    models: wanted.models,
    operations: wanted.operations,
    createdAt: new Date(clock.now()).toISOString(),
    expiresAt: new Date(clock.now() + wanted.days * 86_400_000).toISOString(),
  })
  if (!key.success) {
    const field = String(key.error.issues[0]?.path[0] ?? '')
    throw new TriptychError('QUERY_INVALID', {
      field,
      reason:
        'models: patterns on base model ids, without geography; names: lower-case letters, digits and dashes; labels: at most 64 characters; operations: as CloudTrail names them',
    })
  }
  await saveServiceKeys(path, [...(await readServiceKeys(path)), key.data])
  return { key: key.data, token: `tsk_${id}_${secret}` }
}

/** Ends a key. Gateways notice within a second. Throws RESOURCE_NOT_FOUND. */
export async function revokeServiceKey(path: string, id: string, clock: Clock): Promise<ServiceKey> {
  const keys = await readServiceKeys(path)
  const found = keys.find((key) => key.id === id)
  if (found === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'service key' })
  const revoked = { ...found, revokedAt: found.revokedAt ?? new Date(clock.now()).toISOString() }
  await saveServiceKeys(
    path,
    keys.map((key) => (key.id === id ? revoked : key)),
  )
  return revoked
}

/** Verifies keys against the file, which is looked at again when it changes (at most once a second). */
export class ServiceKeyRing {
  readonly #path: string
  readonly #clock: Clock
  #keys = new Map<string, ServiceKey>()
  #changedAt = -1
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined

  constructor(path: string, clock: Clock) {
    this.#path = path
    this.#clock = clock
  }

  /** The key, or CREDENTIAL_INVALID / CREDENTIAL_EXPIRED. */
  async verify(token: string): Promise<ServiceKey> {
    const [, id, secret] = form.exec(token) ?? []
    if (id === undefined || secret === undefined) throw new TriptychError('CREDENTIAL_INVALID', { kind: 'service_key' })
    await this.#refresh()
    const key = this.#keys.get(id)
    const matches = timingSafeEqual(Buffer.from(sha256(secret)), Buffer.from(key?.secretSha256 ?? sha256('')))
    if (key === undefined || !matches || key.revokedAt !== undefined) {
      throw new TriptychError('CREDENTIAL_INVALID', { kind: 'service_key' })
    }
    if (Date.parse(key.expiresAt) <= this.#clock.now())
      throw new TriptychError('CREDENTIAL_EXPIRED', { kind: 'service_key' })
    return key
  }

  /** Whoever comes while the file is being read waits for that reading. */
  async #refresh(): Promise<void> {
    if (performance.now() - this.#lookedAt < 1000) return
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  async #read(): Promise<void> {
    const changedAt = await stat(this.#path).then(
      (found) => found.mtimeMs,
      () => 0,
    )
    if (changedAt === this.#changedAt) {
      this.#lookedAt = performance.now()
      return
    }
    this.#keys = new Map((await readServiceKeys(this.#path)).map((key) => [key.id, key]))
    this.#changedAt = changedAt
    this.#lookedAt = performance.now()
  }
}

async function saveServiceKeys(path: string, keys: readonly ServiceKey[]): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify({ v: 1, keys }, null, 2)}\n`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
