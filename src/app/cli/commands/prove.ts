import { writeFile } from 'node:fs/promises'
import { errnoOf, TriptychError } from '../../../platform/triptych-error.ts'
import { proofSchema } from '../../api/schema/ledger.ts'
import type { HubClient } from '../hub-client.ts'
import { number, type Screen } from '../print.ts'

/** What `triptych prove` is given. */
export interface ProveOptions {
  readonly record: string | undefined
  readonly output: string | undefined
  readonly json: boolean
}

/** `triptych prove <id>`: the receipt of one record of a call, to a file or to standard output. */
export async function proveCommand(
  client: HubClient,
  id: string,
  options: ProveOptions,
  screen: Screen,
): Promise<void> {
  const query = new URLSearchParams({ as: 'json', ...(options.record === undefined ? {} : { record: options.record }) })
  const answer = proofSchema.parse(await client.get(`/calls/${encodeURIComponent(id)}/proof?${query}`))
  if (options.output !== undefined) await writeReceipt(options.output, answer.proof)
  if (options.json) screen.write(`${JSON.stringify(answer)}\n`)
  else if (options.output === undefined) screen.write(answer.proof)
  else
    screen.write(
      `${answer.record} of the call: ${answer.source} ${answer.seq}, entry ${number(answer.index)} of ${number(answer.size)} → ${options.output}\nverify it anywhere: triptych verify --proof ${options.output} --key <the verifier key, kept elsewhere>\n`,
    )
}

/** Writes a receipt to a file that is not there yet. Throws FILE_EXISTS, FILE_UNWRITABLE. */
export async function writeReceipt(path: string, text: string): Promise<void> {
  // An older receipt under this name may be all that proves its record.
  await writeFile(path, text, { mode: 0o600, flag: 'wx' }).catch((cause: unknown) => {
    if (errnoOf(cause) === 'EEXIST') throw new TriptychError('FILE_EXISTS', { path }, cause)
    throw new TriptychError('FILE_UNWRITABLE', { path, reason: errnoOf(cause) ?? 'unknown' }, cause)
  })
}
