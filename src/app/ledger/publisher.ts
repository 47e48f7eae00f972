import { z } from 'zod'
import {
  type CheckpointTarget,
  directoryTarget,
  httpsTarget,
  s3Target,
} from '../../evidence/ledger/checkpoint-target.ts'
import { parseEntry } from '../../evidence/ledger/entry.ts'
import type { Ledger } from '../../evidence/ledger/ledger.ts'
import { type OwnCheckpoint, publishCheckpoint } from '../../evidence/ledger/publish-checkpoint.ts'
import type { AwsClients } from '../../platform/aws/clients.ts'
import type { Clock } from '../../platform/clock.ts'
import { writeFileAtomic } from '../../platform/files.ts'
import type { Logger } from '../../platform/logger.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import type { Config } from '../config-schema.ts'
import type { RecordAct } from '../hub-journal.ts'
import { type Publication, readPublications } from './publications.ts'

const publishedAct = 'checkpoint.published'

/** What publishing needs. */
export interface PublisherParts {
  readonly config: Config
  readonly aws: Pick<AwsClients, 's3'>
  readonly act: RecordAct
  readonly clock: Clock
  readonly logger: Logger
  /** Where the last publications are remembered. */
  readonly file: string
}

/** Puts checkpoints outside, each target at its own pace. */
export interface Publisher {
  /** Publishes where it is due; failures are said, shown and tried again at the next turn. Never throws. */
  publishDue(): Promise<void>
  /** Publishes what is new everywhere, due or not: there may be no next turn. Never throws. */
  publishLast(): Promise<void>
  /** The last publication to each configured target, and what is wrong with it now. */
  state(): readonly TargetState[]
}

/** Where one target stands. */
export interface TargetState {
  readonly kind: CheckpointTarget['kind']
  readonly address: string
  readonly size: number | null
  readonly at: string | null
  /** Code of the last failure; empty when the last try went well. */
  readonly error: string
}

interface Target {
  readonly target: CheckpointTarget
  readonly everyMs: number
  readonly own: OwnCheckpoint
  triedAt: number
  last: Publication | undefined
  error: string
}

/** Opens the configured targets, with what is remembered of them. */
export async function createPublisher(parts: PublisherParts, ledger: Ledger): Promise<Publisher> {
  const remembered = await readPublications(parts.file)
  const targets = parts.config.ledger.publish.map((configured): Target => {
    const target = targetOf(parts, configured)
    const last = remembered.find(({ kind, address }) => kind === target.kind && address === target.address)
    return { target, everyMs: configured.every, own: { note: '' }, triedAt: Number.NEGATIVE_INFINITY, last, error: '' }
  })
  let running: Promise<void> | undefined
  const publishAll = async (dueOnly: boolean) => {
    for (const target of targets) {
      if (dueOnly && performance.now() - target.triedAt < target.everyMs) continue
      target.triedAt = performance.now()
      await publishTo(parts, ledger, target)
      await remember(parts.file, targets)
    }
  }
  return {
    publishDue() {
      running ??= publishAll(true).finally(() => {
        running = undefined
      })
      return running
    },
    async publishLast() {
      await running
      await publishAll(false)
    },
    state: () =>
      targets.map(({ target: { kind, address }, last, error }) => ({
        kind,
        address,
        size: last?.size ?? null,
        at: last?.at ?? null,
        error,
      })),
  }
}

async function publishTo(parts: PublisherParts, ledger: Ledger, target: Target): Promise<void> {
  const { kind, address } = target.target
  try {
    if (target.error === '' && target.last !== undefined && !(await isNewSince(ledger, target.last))) return
    const { size, note } = await publishCheckpoint(ledger, target.target, target.own)
    target.last = { kind, address, size, at: new Date(parts.clock.now()).toISOString(), checkpoint: note }
    target.error = ''
    await parts.act(publishedAct, { kind, size })
  } catch (cause) {
    const { code, facts } = asTriptychError(cause, 'LEDGER_UNPUBLISHED')
    parts.logger.error('hub.ledger.not-published', { kind, code, reason: facts['reason'] ?? 'unknown' })
    if (code === 'LEDGER_FORKED' && target.error !== code)
      await parts.act('ledger.forked', { kind, size: Number(facts['size']) }).catch(() => undefined)
    target.error = code
  }
}

/** A publication is an act, which is an entry, which would be published: those alone are nothing new. */
async function isNewSince(ledger: Ledger, { size, checkpoint }: Publication): Promise<boolean> {
  const latest = ledger.latest()
  if (size >= latest.size) return checkpoint !== latest.note
  const tree = ledger.tree()
  for (let index = size; index < latest.size; index++) {
    const entry = parseEntry((await tree.entry(index)).toString('latin1'))
    if (entry?.type !== publishedAct) return true
  }
  return false
}

function targetOf(
  parts: PublisherParts,
  { directory, s3, https }: Config['ledger']['publish'][number],
): CheckpointTarget {
  if (directory !== undefined) return directoryTarget(directory)
  return s3 === undefined ? httpsTarget(z.string().parse(https)) : s3Target(parts.aws.s3, s3)
}

async function remember(file: string, targets: readonly Target[]): Promise<void> {
  const publications = targets.flatMap(({ last }) => (last === undefined ? [] : [last]))
  await writeFileAtomic(file, `${JSON.stringify({ v: 1, publications })}\n`).catch(() => undefined)
}
