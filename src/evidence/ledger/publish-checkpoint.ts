import { TriptychError } from '../../platform/triptych-error.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import type { CheckpointTarget } from './checkpoint-target.ts'
import type { Ledger } from './ledger.ts'

/**
 * Puts the newest checkpoint outside: under its size, for ever, and as the latest. What stands there already has to be the beginning of
 * this ledger: a directory that was rolled back must not cover its own traces. Throws LEDGER_FORKED, LEDGER_UNPUBLISHED.
 */
export async function publishCheckpoint(ledger: Ledger, target: CheckpointTarget): Promise<Checkpoint> {
  const checkpoint = ledger.latest()
  const latest = await target.read('checkpoint')
  if (latest !== undefined) await mustContinue(ledger, latest, target.kind)
  const name = `checkpoints/${checkpoint.size}`
  const same = await target.read(name)
  if (same === undefined) await target.write(name, checkpoint.note)
  else await mustContinue(ledger, same, target.kind)
  await target.write('checkpoint', checkpoint.note)
  return checkpoint
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
