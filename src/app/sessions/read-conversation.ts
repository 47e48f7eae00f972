import { readAnswer } from '../../capture/content/conversation/read-answer.ts'
import { readRequest } from '../../capture/content/conversation/read-request.ts'
import { type AddedByCall, SessionStitch } from '../../capture/content/conversation/stitch.ts'
import type { SpokenRow } from '../../evidence/store/queries/sessions.ts'
import type { OpenedBoxes } from '../../evidence/vault/shelf.ts'
import { parseJson } from '../../platform/json/parse-json.ts'
import { asTriptychError } from '../../platform/triptych-error.ts'
import { whyMissing } from './why-missing.ts'

/** Opens a body of the vault; `opened` keeps what several bodies share. */
export type OpenBody = (ref: string, owner: string, opened: OpenedBoxes) => Promise<Buffer>

/** What one call added to a session, and what of it could not be read. */
export interface ReadCall {
  readonly row: SpokenRow
  readonly added: AddedByCall
  /** False where nothing of its request could be read: then nothing is known of its history. */
  readonly readable: boolean
  readonly missing: readonly string[]
}

/**
 * Reads a session's calls in their order and gives of each what no earlier one had. Bodies are held one call at a time; what boxes
 * held, as long as the session is read.
 */
export async function* readConversation(rows: readonly SpokenRow[], open: OpenBody): AsyncGenerator<ReadCall> {
  const stitch = new SessionStitch()
  const opened: OpenedBoxes = new Map()
  for (const row of rows) {
    const missing: string[] = []
    const request = readRequest(await bodyOf(open, row, 'input', opened, missing))
    const answer = readAnswer(await bodyOf(open, row, 'output', opened, missing))
    const added = stitch.add({ key: row.key, request, answer })
    yield { row, added, readable: request !== undefined, missing }
  }
}

async function bodyOf(
  open: OpenBody,
  row: SpokenRow,
  part: 'input' | 'output',
  opened: OpenedBoxes,
  missing: string[],
): Promise<unknown> {
  const { state, ref } = row[part]
  const name = part === 'input' ? 'prompt' : 'answer'
  if (ref === '') {
    missing.push(`${name}: ${whyMissing(state)}`)
    return undefined
  }
  try {
    return parseJson(await open(ref, row.owner, opened))
  } catch (cause) {
    const { code } = asTriptychError(cause)
    missing.push(`${name}: ${code === 'VAULT_KEY_MISSING' ? 'its key was destroyed' : `could not be opened (${code})`}`)
    return undefined
  }
}
