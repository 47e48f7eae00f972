import { TriptychError } from '../../platform/triptych-error.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import type { CheckpointTarget } from './checkpoint-target.ts'
import type { Ledger } from './ledger.ts'

/** What this process itself put to one place under a size: a repetition after a failure need not be readable. */
export interface OwnCheckpoint {
  note: string
}

/**
 * Puts the newest checkpoint outside: under its size, for ever, and as the latest. What stands there already has to be the beginning of
 * this ledger: a directory that was rolled back must not cover its own traces. Where reading is refused, the size that is taken
 * already shows it. Throws LEDGER_FORKED, LEDGER_UNPUBLISHED.
 */
export async function publishCheckpoint(
  ledger: Ledger,
  target: CheckpointTarget,
  own: OwnCheckpoint = { note: '' },
): Promise<Checkpoint> {
  const checkpoint = ledger.latest()
  const latest = await target.read('checkpoint')
  if (latest !== undefined) await mustContinue(ledger, latest, target.kind)
  if (own.note !== checkpoint.note) await putForEver(ledger, target, checkpoint)
  own.note = checkpoint.note
  await target.write('checkpoint', checkpoint.note)
  return checkpoint
}

async function putForEver(ledger: Ledger, target: CheckpointTarget, { size, note }: Checkpoint): Promise<void> {
  const name = `checkpoints/${size}`
  // Read first as well: a server may not know the condition.
  const before = await target.read(name)
  if (before === undefined && (await target.create(name, note))) return
  const there = before ?? (await target.read(name))
  if (there === undefined)
    throw new TriptychError('LEDGER_FORKED', {
      kind: target.kind,
      size,
      reason: 'the size is taken, and cannot be read',
    })
  if (there !== note) await mustContinue(ledger, there, target.kind)
}

async function mustContinue(ledger: Ledger, note: string, kind: CheckpointTarget['kind']): Promise<void> {
  const outside = openOutside(note, ledger, kind)
  const { size } = outside
  if (size > ledger.latest().size)
    throw new TriptychError('LEDGER_FORKED', { kind, size, reason: 'larger than this ledger' })
  if (!(await ledger.tree().rootAt(size)).equals(outside.root))
    throw new TriptychError('LEDGER_FORKED', { kind, size, reason: 'another root' })
}

function openOutside(note: string, ledger: Ledger, kind: CheckpointTarget['kind']): Checkpoint {
  try {
    return openCheckpoint(note, ledger.verifier)
  } catch (cause) {
    throw new TriptychError('LEDGER_UNPUBLISHED', { kind, reason: 'the place holds something else' }, cause)
  }
}
