import type { IncomingHttpHeaders } from 'node:http'
import type { Claims, Principal } from '../../record/principal.ts'

/** Team and project of a call, and what says so. */
export interface Attribution {
  readonly team: string
  readonly project: string
  readonly attribution: 'claim' | 'key' | 'none'
}

/** From verified claims or the service key alone. */
export function attribute(principal: Principal): Attribution {
  const team = principal.team ?? ''
  const project = principal.project ?? ''
  if (team === '' && project === '') return { team, project, attribution: 'none' }
  return { team, project, attribution: principal.credential === 'oidc' ? 'claim' : 'key' }
}

const sessionForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const agentForm = /^[0-9a-f]{8,64}$/

/** Claude Code's session and agent ids: claims of the client, kept only in their grammar. */
export function readClaims(headers: IncomingHttpHeaders): Claims {
  return {
    session: inGrammar(headers['x-claude-code-session-id'], sessionForm),
    agent: inGrammar(headers['x-claude-code-agent-id'], agentForm),
    parentAgent: inGrammar(headers['x-claude-code-parent-agent-id'], agentForm),
  }
}

function inGrammar(value: string | string[] | undefined, form: RegExp): string {
  if (value === undefined || value === '') return ''
  return typeof value === 'string' && form.test(value) ? value : 'malformed'
}
