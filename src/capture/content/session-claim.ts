import { z } from 'zod'
import { objectEntries } from '../../platform/json/object-entries.ts'
import { parseJson } from '../../platform/json/parse-json.ts'

const sessionForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const metadataSchema = z.object({ user_id: z.string() })
const userSchema = z.object({ session_id: z.string().regex(sessionForm) })

/**
 * The session that Claude Code writes into a request (`metadata.user_id` holds JSON with `session_id`); empty when it is not there in
 * that form. A claim of the client's.
 */
export function sessionClaimOf(body: Uint8Array): string {
  const entry = (objectEntries(body) ?? []).find(({ key }) => key === 'metadata')
  if (entry === undefined) return ''
  const metadata = metadataSchema.safeParse(parseJson(Buffer.from(body.subarray(entry.start, entry.end))))
  const user = metadata.success ? userSchema.safeParse(parseJson(metadata.data.user_id)) : undefined
  return user?.success === true ? user.data.session_id : ''
}
