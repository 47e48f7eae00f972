import { createHmac } from 'node:crypto'
import { cutPoints } from '../../capture/content/cut-points.ts'
import { sessionClaimOf } from '../../capture/content/session-claim.ts'
import type { Cut } from '../../capture/content/split-record.ts'
import type { Intake } from '../../evidence/vault/vault.ts'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import type { SecretKeys } from '../../platform/secret-keys.ts'
import type { ContentRecord } from '../../record/content-record.ts'
import type { EnvelopeLine } from './content-rows.ts'
import { readSeparateBody } from './open-records.ts'

/** What becomes of the bodies of one record. */
export interface Keeping {
  readonly parts: { readonly keys: SecretKeys }
  readonly source: ObjectSource
  readonly intake: Intake
  readonly owner: string
  readonly at: string
  readonly keepContent: boolean
}

/** A cut of a record, in the vault where it may be kept. */
export async function placeCut(keeping: Keeping, cut: Cut) {
  const kept = cut.class === 'identity' || keeping.keepContent
  return {
    path: cut.path,
    class: cut.class,
    at: cut.at,
    bytes: cut.bytes.length,
    mac: macOf(keeping.parts, cut.bytes),
    ref: kept ? await put(keeping, cut.bytes) : '',
  }
}

function put({ intake, owner, at }: Keeping, bytes: Uint8Array): Promise<string> {
  return intake.add({ owner, at, bytes, cuts: cutPoints(bytes) })
}

interface Body {
  readonly state: ContentRecord['inputState']
  readonly bytes: number
  readonly mac: string
  readonly ref: string
  readonly session: string
}

/**
 * One of a record's two bodies: among its cuts, or in an object of its own.
 * @param inlineBytes the bytes of a cut by its path
 */
export async function bodyOf(
  keeping: Keeping,
  cuts: readonly EnvelopeLine['cuts'][number][],
  path: string,
  { s3Path, lost }: { readonly s3Path: string | undefined; readonly lost: boolean },
  inlineBytes: (path: string) => Uint8Array | undefined,
): Promise<Body> {
  const { keepContent } = keeping
  const sessionIn = (bytes: Uint8Array | undefined) =>
    keepContent && bytes !== undefined && path.startsWith('input.') ? sessionClaimOf(bytes) : ''
  const inline = cuts.find((cut) => cut.path === path)
  if (inline !== undefined) {
    const state = inline.ref === '' ? 'not_kept' : 'kept'
    return { ...inline, state, session: sessionIn(inlineBytes(path)) }
  }
  if (s3Path === undefined) return { state: lost ? 'lost' : 'absent', bytes: 0, mac: '', ref: '', session: '' }
  const bytes = await readSeparateBody(keeping.source.bodies ?? keeping.source, s3Path)
  if (bytes === undefined) return { state: 'separate', bytes: 0, mac: '', ref: '', session: '' }
  const ref = keepContent ? await put(keeping, bytes) : ''
  const state = keepContent ? 'kept' : 'not_kept'
  return { state, bytes: bytes.length, mac: macOf(keeping.parts, bytes), ref, session: sessionIn(bytes) }
}

function macOf(parts: Keeping['parts'], bytes: Uint8Array): string {
  return createHmac('sha256', parts.keys('content-mac')).update(bytes).digest('hex').slice(0, 32)
}
