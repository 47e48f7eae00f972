import { damagedDigests } from './damaged-digests.ts'
import { damagedLogs } from './damaged-logs.ts'
import type { Damage } from './damaging.ts'

/** Every kind of damage, with what each validator must say of it. */
export const damages: readonly Damage[] = [...damagedLogs, ...damagedDigests]
