import { type Checkpoint, openCheckpoint } from '../../evidence/ledger/checkpoint.ts'
import type { Fault } from '../../evidence/ledger/fault.ts'
import { tilesFrom } from '../../evidence/ledger/tile-files.ts'
import { parseVerifierKey, type VerifierKey } from '../../evidence/ledger/verifier-key.ts'
import { isTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import { dataDirAt } from '../data-dir.ts'
import { type Publication, parsePublications } from '../ledger/publications.ts'
import { openRecords } from './join-records.ts'
import type { Backlog } from './journal-backlog.ts'
import { type LogPlace, logAt, logIn } from './log-place.ts'
import { inOrder, verifyLog } from './verify-log.ts'

/** What is verified, and against what. */
export interface DirectoryToVerify {
  /**
   * A data directory, or a log alone: its directory, or where it is served (http, https). Which one is said, never guessed from what
   * lies there: a directory must not be able to make itself a bare log.
   */
  readonly place: { readonly data: string } | { readonly log: string } | { readonly url: string }
  /** From elsewhere; without it the one that lies beside the log. */
  readonly key: VerifierKey | undefined
  /** Notes that were kept elsewhere. */
  readonly kept: readonly string[]
  readonly onProgress: (entries: number) => void
}

/** What a verification found. */
export interface Verification {
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly key: string
  readonly keyPinned: boolean
  /** Whether records were held against their entries, or only the log was at hand. */
  readonly withRecords: boolean
  readonly journals: readonly (Backlog & { readonly source: string; readonly records: number })[]
  readonly files: Backlog & { readonly checked: number }
  /** Sizes of the kept checkpoints that were given. */
  readonly kept: readonly number[]
  /** What the directory itself says was published last. */
  readonly published: readonly Publication[]
  /** Tree first, then in the order of the entries. */
  readonly faults: readonly Fault[]
}

/**
 * Verifies a directory offline, up to the checkpoint that stands there at the beginning; a hub may run meanwhile. Reads only.
 * Throws LEDGER_NOTE_INVALID for a key or kept checkpoint that is none, RESOURCE_NOT_FOUND when no ledger was ever there.
 */
export async function verifyDirectory({
  place,
  key: given,
  kept,
  onProgress,
}: DirectoryToVerify): Promise<Verification> {
  const dir = 'data' in place ? place.data : undefined
  const log = logOf(place)
  const key = given ?? (await keyBeside(log))
  const keptCheckpoints = kept.map((note) => openCheckpoint(note, key))
  const published = parsePublications(await textOf(log, 'published.json'))
  const base = {
    origin: key.name,
    key: key.text,
    keyPinned: given !== undefined,
    withRecords: dir !== undefined,
    kept: keptCheckpoints.map(({ size }) => size),
    published,
  }
  const checkpoint = await newest(log, key)
  if ('kind' in checkpoint) return { ...base, size: 0, root: '', journals: [], files: noFiles, faults: [checkpoint] }
  const records = dir === undefined ? undefined : await openRecords(dir)
  const onEntry = records === undefined ? undefined : records.check
  const remembered = published.flatMap(({ checkpoint: note }) => openOwn(note, key))
  const faults = await verifyLog({
    tiles: tilesFrom(log.read),
    checkpoint,
    kept: [...keptCheckpoints, ...remembered],
    onEntry,
    onProgress,
  })
  // Behind a fault of the tree nobody knows what would be backlog.
  const rest = faults.tree.length > 0 ? undefined : await records?.rest()
  return {
    ...base,
    size: checkpoint.size,
    root: checkpoint.root.toString('base64'),
    journals: rest?.journals ?? [],
    files: rest?.files ?? noFiles,
    faults: [
      ...faults.tree.map((fault) => (dir === undefined ? fault : below('ledger', fault))),
      ...inOrder([...faults.entries, ...(rest?.faults ?? [])]),
    ],
  }
}

const noFiles = { checked: 0, backlog: 0, oldest: null }

function logOf(place: DirectoryToVerify['place']): LogPlace {
  if ('url' in place) return logAt(place.url)
  return logIn('log' in place ? place.log : dataDirAt(place.data).ledger)
}

function below(dir: string, fault: Fault): Fault {
  return fault.file === undefined ? fault : { ...fault, file: `${dir}/${fault.file}` }
}

/** A checkpoint that cannot be read or was not signed by the key is itself the first fault. */
async function newest(log: LogPlace, key: VerifierKey): Promise<Checkpoint | Fault> {
  const file = 'checkpoint'
  const note = await textOf(log, file)
  if (note === undefined) return { kind: 'missing', says: `the ledger has no checkpoint: ${file} is missing`, file }
  try {
    return openCheckpoint(note, key)
  } catch (cause) {
    if (!isTriptychError(cause, 'LEDGER_NOTE_INVALID')) throw cause
    // The first line of a checkpoint is the log's name (C2SP tlog-checkpoint).
    const named = note.split('\n')[0] ?? ''
    const says =
      named === key.name
        ? 'the checkpoint of the ledger is altered: the key did not sign it'
        : `this key is of the log ${key.name}; the checkpoint here names another`
    return { kind: 'altered', says, file }
  }
}

async function keyBeside(log: LogPlace): Promise<VerifierKey> {
  const text = await textOf(log, 'log.vkey')
  if (text === undefined) throw new TriptychError('RESOURCE_NOT_FOUND', { kind: 'ledger', path: 'log.vkey' })
  return parseVerifierKey(text)
}

async function textOf(log: LogPlace, path: string): Promise<string | undefined> {
  return (await log.read(path))?.toString('utf8')
}

function openOwn(note: string, key: VerifierKey): readonly Checkpoint[] {
  try {
    return [openCheckpoint(note, key)]
  } catch {
    return []
  }
}
