import { fromBase64, utf8 } from './bytes.ts'
import type { KeptCheckpoint } from './kept-checkpoint.ts'
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.ts'
import { parseReceipt, type Receipt, recordFits } from './receipt.ts'
import { type Checkpoint, checkNote, parseCheckpoint, parseVerifierKey } from './signed-note.ts'

/** One line of a verification, with what it was computed from. */
export interface Check {
  readonly name: 'record' | 'inclusion' | 'signature' | 'consistency' | 'outside'
  readonly state: 'pass' | 'fail' | 'not_checked'
  readonly says: string
}

/** What a verification needs besides the receipt. */
export interface Inputs {
  readonly receipt: string
  /** The verifier key of the log. */
  readonly key: string
  readonly kept: KeptCheckpoint | undefined
  /** Hashes in base64 that lead from one size to the other. */
  readonly consistency: (from: number, to: number) => Promise<readonly string[]>
}

/** Every line, and the checkpoint when its signature and its consistency held. */
export interface Verification {
  readonly checks: readonly Check[]
  /** Nothing failed, and everything that can be computed here was. */
  readonly verified: boolean
  readonly checkpoint: Checkpoint | undefined
}

const pass = (name: Check['name'], says: string): Check => ({ name, state: 'pass', says })
const fail = (name: Check['name'], says: string): Check => ({ name, state: 'fail', says })
const notChecked = (name: Check['name'], says: string): Check => ({ name, state: 'not_checked', says })

/** Checks a receipt in five lines. Nothing is taken from the server's word but the bytes themselves. */
export async function verifyReceipt(inputs: Inputs): Promise<Verification> {
  const receipt = parseReceipt(inputs.receipt)
  const checkpoint = receipt === undefined ? undefined : parseCheckpoint(receipt.checkpoint)
  if (receipt === undefined || checkpoint === undefined)
    return { checks: [fail('inclusion', 'this is not a receipt')], verified: false, checkpoint: undefined }
  const checks = [
    await checkRecord(receipt),
    await checkInclusion(receipt, checkpoint),
    await checkSignature(receipt.checkpoint, checkpoint, inputs.key),
    await checkConsistency(checkpoint, inputs),
    notChecked('outside', 'not checked here: a copy kept outside is compared by the command below'),
  ]
  const computed = checks.filter(({ name }) => name !== 'outside')
  const failed = computed.some(({ state }) => state === 'fail')
  const proven = ['record', 'inclusion', 'signature'].every((name) =>
    computed.some((check) => check.name === name && check.state === 'pass'),
  )
  return { checks, verified: proven && !failed, checkpoint: proven && !failed ? checkpoint : undefined }
}

async function checkRecord({ extra }: Receipt): Promise<Check> {
  if (extra === undefined) return fail('record', 'the receipt does not say which entry it is of')
  if (extra.record === undefined) return notChecked('record', 'the receipt carries no record')
  return (await recordFits(extra.record, extra.commit))
    ? pass('record', `SHA-256 of the record is the entry’s commitment ${extra.commit}`)
    : fail('record', `SHA-256 of the record is not the entry’s commitment ${extra.commit}`)
}

async function checkInclusion({ extra, index, proof }: Receipt, { size, root }: Checkpoint): Promise<Check> {
  if (extra === undefined) return fail('inclusion', 'the receipt does not say which entry it is of')
  const leaf = await leafHash(utf8(extra.entryText))
  const where = `entry ${index} of ${size}, ${proof.length} hashes`
  return (await verifyInclusion({ index, size, leaf, root }, proof))
    ? pass('inclusion', `${where} lead to the root of the checkpoint`)
    : fail('inclusion', `${where} do not lead to the root of the checkpoint`)
}

/** Whether the key that the hub gave has signed a checkpoint. */
export async function checkSignature(note: string, checkpoint: Checkpoint, keyText: string): Promise<Check> {
  const key = await parseVerifierKey(keyText)
  if (key === undefined) return fail('signature', 'the hub’s key is not a verifier key')
  if (checkpoint.origin !== key.name)
    return fail('signature', `the checkpoint is of ${checkpoint.origin}, the key of ${key.name}`)
  const answer = await checkNote(note, key)
  if (answer === 'unsupported') return notChecked('signature', 'not checked here: this browser has no Ed25519')
  return answer === 'holds'
    ? pass('signature', `Ed25519 signature by ${key.name}+${key.id}; the key came from the hub and is not pinned here`)
    : fail(
        'signature',
        answer === 'fails' ? `the signature by ${key.name} does not hold` : `not signed by ${key.name}+${key.id}`,
      )
}

/** Whether a checkpoint goes on from the one that this browser saw last. */
export async function checkConsistency(checkpoint: Checkpoint, inputs: Omit<Inputs, 'receipt'>): Promise<Check> {
  const { kept } = inputs
  if (kept === undefined)
    return notChecked('consistency', 'this browser has seen no checkpoint before; it keeps this one')
  const from = `this browser saw ${kept.size} entries at ${kept.seenAt}`
  if (kept.origin !== checkpoint.origin || kept.key !== inputs.key.trim())
    return fail('consistency', `${from}, under another key or name: this is another ledger`)
  const [older, newer] = kept.size <= checkpoint.size ? [kept, checkpoint] : [checkpoint, kept]
  const hashes =
    older.size === newer.size ? [] : await inputs.consistency(older.size, newer.size).catch(() => undefined)
  const proof = hashes?.map(fromBase64)
  if (proof === undefined) return notChecked('consistency', `${from}; the proof between them could not be had`)
  const sound = proof.filter((hash) => hash !== undefined)
  const claim = { oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root }
  return sound.length === proof.length && (await verifyConsistency(claim, sound))
    ? pass('consistency', `${from}; the ledger has only grown between ${older.size} and ${newer.size}`)
    : fail('consistency', `${from}; the ledger does not continue it`)
}
