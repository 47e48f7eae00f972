import { randomBytes } from 'node:crypto'
import { createServiceKey, readServiceKeys, revokeServiceKey } from '../../../capture/gateway/service-keys.ts'
import type { Clock } from '../../../platform/clock.ts'
import { ensureWritableDir } from '../../../platform/files.ts'
import { type DataDir, ensureDataDir } from '../../data-dir.ts'
import { columns, number, type Screen, time } from '../print.ts'

/** What a key is made for. */
export interface KeyOptions {
  readonly team?: string
  readonly project?: string
  readonly costCentre?: string
  readonly model?: string[]
  readonly operation?: string[]
  readonly days: string
  readonly json?: boolean
}

/** `triptych keys create`: the key on standard output, this once; what goes with it on standard error. */
export async function createKeyCommand(
  dirs: DataDir,
  name: string,
  options: KeyOptions,
  screen: Screen,
  clock: Clock,
): Promise<void> {
  await ensureDataDir(dirs.root)
  await ensureWritableDir(dirs.config)
  const { team, project, costCentre, model: models, operation: operations } = options
  const wanted = { name, team, project, costCentre, models, operations, days: Number(options.days) }
  const { key, token } = await createServiceKey(dirs.serviceKeys, wanted, clock, randomBytes)
  if (options.json === true) screen.write(`${JSON.stringify({ id: key.id, token, expiresAt: key.expiresAt })}\n`)
  else {
    screen.write(`${token}\n`)
    process.stderr.write(`key ${key.id}, until ${time(key.expiresAt)}; it is not shown again\n`)
  }
}

/** `triptych keys list`: without secrets. */
export async function listKeysCommand(dirs: DataDir, json: boolean, screen: Screen, clock: Clock): Promise<void> {
  const all = (await readServiceKeys(dirs.serviceKeys)).map(({ secretSha256: _secret, ...key }) => key)
  if (json) screen.write(`${JSON.stringify(all)}\n`)
  else if (all.length === 0) screen.write('No service keys. Make one with `triptych keys create <name>`.\n')
  else {
    const stateOf = (key: (typeof all)[number]) => {
      if (key.revokedAt !== undefined) return 'revoked'
      return Date.parse(key.expiresAt) <= clock.now() ? 'expired' : 'in use'
    }
    const rows = all.map((key) => [
      key.id,
      key.name,
      key.team ?? '–',
      key.project ?? '–',
      key.models?.join(' ') ?? 'as the policy says',
      time(key.expiresAt),
      stateOf(key),
    ])
    const head = ['id', 'name', 'team', 'project', 'models', 'until (UTC)', 'state']
    screen.write(`${columns(head, rows)}\n${number(all.length)} keys\n`)
  }
}

/** `triptych keys revoke`: gateways notice within a second. */
export async function revokeKeyCommand(
  dirs: DataDir,
  id: string,
  json: boolean,
  screen: Screen,
  clock: Clock,
): Promise<void> {
  const key = await revokeServiceKey(dirs.serviceKeys, id, clock)
  screen.write(json ? `${JSON.stringify({ id: key.id, revokedAt: key.revokedAt })}\n` : `key ${key.id} is revoked\n`)
}
