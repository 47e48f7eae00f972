import { seal } from '../../platform/sealed-box.ts'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { RecordAct } from '../hub-journal.ts'
import type { Caller } from './caller.ts'
import { mayDo, type Permission, rolesFor } from './permissions.ts'

/** Why identity or content is read, in the reader's own words. */
export interface ReadReason {
  readonly kind: 'incident' | 'audit' | 'data_subject_request' | 'legal' | 'support'
  readonly text: string
}

/** What the one way to identity and content needs. */
export interface AuditParts {
  readonly act: RecordAct
  readonly reasonKey: Uint8Array
  readonly random: (bytes: number) => Uint8Array
}

/** One read. */
export interface SensitiveRead {
  readonly caller: Caller
  readonly what: 'identity' | 'content'
  /** Whose: an alias or a pseudonym. */
  readonly alias: string
  /** The call that it belongs to; empty where a whole session is read. */
  readonly call: string
  readonly session?: string
  readonly reason: ReadReason
}

const permissionFor = { identity: 'identify', content: 'read_content' } as const satisfies Record<string, Permission>

/**
 * The only way to an identity or to content: checks the role, writes who, why and what into the hub's journal, and only then reads.
 * The reason's words may name people, so the journal holds them as ciphertext. Throws ROLE_REQUIRED, JOURNAL_UNWRITABLE.
 */
export async function auditedRead<T>(
  parts: AuditParts,
  read: SensitiveRead,
  open: () => Promise<T>,
): Promise<{ readonly value: T; readonly recordedAs: string }> {
  const permission = permissionFor[read.what]
  if (!mayDo(read.caller, permission))
    throw new TriptychError('ROLE_REQUIRED', { role: rolesFor(permission).join(' or ') })
  const words = seal(parts.reasonKey, Buffer.from(read.reason.text), `reason ${read.caller.who}`, parts.random)
  const receipt = await parts.act('sensitive.read', {
    who: read.caller.who,
    what: read.what,
    alias: read.alias,
    call: read.call,
    session: read.session ?? '',
    reason: read.reason.kind,
    words: words.toString('base64'),
  })
  return { value: await open(), recordedAs: `hub ${receipt.seq}` }
}
