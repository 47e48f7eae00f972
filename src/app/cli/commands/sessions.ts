import { type SessionsAnswer, sessionsSchema } from '../../api/schema/conversation.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, number, paint, type Screen, time, usd } from '../print.ts'

const heads = ['last call (UTC)', 'session', 'person', 'calls', 'to look at', 'in', 'out', 'USD'] as const
const right = [3, 4, 5, 6, 7]

/** `triptych sessions`: what clients' sessions add up to. What was said is read in the console, for a reason. */
export async function sessionsCommand(
  client: HubClient,
  options: Readonly<Record<string, string>>,
  json: boolean,
  screen: Screen,
): Promise<void> {
  const answer = sessionsSchema.parse(await client.get(`/sessions?${new URLSearchParams(options)}`))
  if (json) {
    screen.write(`${JSON.stringify(answer)}\n`)
    return
  }
  if (answer.sessions.length === 0) {
    screen.write(
      `No sessions between ${time(answer.since)} and ${time(answer.until)}. Clients name theirs in a header (x-claude-code-session-id) that the gateway records; try an earlier --since.\n`,
    )
    return
  }
  screen.write(
    `${columns(
      heads,
      answer.sessions.map((session) => rowOf(session, screen)),
      right,
    )}\n`,
  )
  const simulated = answer.sessions.some((session) => session.simulated)
    ? paint(screen, 'yellow', ' simulated account.')
    : ''
  screen.write(
    `\n${answer.sessions.length} sessions${answer.more ? '; there are more (--limit)' : ''}.${simulated} Their calls: triptych calls --session <session>\n`,
  )
}

function rowOf(session: SessionsAnswer['sessions'][number], screen: Screen): readonly string[] {
  const look = session.grave === 0 ? '–' : paint(screen, 'red', `! ${number(session.grave)}`)
  const who = session.who.length > 20 ? `${session.who.slice(0, 9)}…` : session.who || '(nobody)'
  const cost = session.unpriced === session.calls ? 'unknown' : usd(session.costMicroUsd)
  return [
    time(session.lastAt),
    session.session,
    who,
    number(session.calls),
    look,
    number(session.tokens.input + session.tokens.cacheRead + session.tokens.cacheWrite),
    number(session.tokens.output),
    cost,
  ]
}
