import type { IncomingHttpHeaders } from 'node:http'
import { TriptychError } from '../../platform/triptych-error.ts'
import type { attributionSources } from '../../record/gateway-call.ts'
import type { Claims, Principal } from '../../record/principal.ts'
import type { PolicyLabels } from './policy/decide.ts'
import { metadataLabels } from './request-metadata.ts'

type Source = (typeof attributionSources)[number]

/** On what a call is booked, and what says so of each label. */
export interface Attribution {
  readonly team: string
  readonly project: string
  readonly costCentre: string
  /** Of the team. */
  readonly attribution: Source
  readonly projectFrom: Source
  readonly costCentreFrom: Source
}

/** The labels, and the header by which a caller chooses among those that its claims list. */
const headers = {
  team: 'x-triptych-team',
  project: 'x-triptych-project',
  costCentre: 'x-triptych-cost-centre',
} as const
type Label = keyof typeof headers

/**
 * A header, then Bedrock's request metadata, each only within what the claims allow; else the claim or the service key; else the
 * policy. Throws GATEWAY_ATTRIBUTION_REFUSED for a header outside: a call booked on the wrong project is worse than none. Metadata
 * outside is passed over, for the client may use these keys for something else.
 */
export function attribute(principal: Principal, sent: IncomingHttpHeaders, policy: PolicyLabels): Attribution {
  const metadata = principal.choices === undefined ? {} : metadataLabels(sent)
  const of = (label: Label) => labelOf(label, principal, sent, metadata, policy)
  const [team, project, costCentre] = [of('team'), of('project'), of('costCentre')]
  return {
    team: team.value,
    project: project.value,
    costCentre: costCentre.value,
    attribution: team.source,
    projectFrom: project.source,
    costCentreFrom: costCentre.source,
  }
}

/** What the credential alone says: for calls that are refused before anything else is known. */
export function attributeByCredential({ team, project, costCentre }: Principal) {
  return { team: team ?? '', project: project ?? '', costCentre: costCentre ?? '' }
}

function labelOf(
  label: Label,
  principal: Principal,
  sent: IncomingHttpHeaders,
  metadata: PolicyLabels,
  policy: PolicyLabels,
): { readonly value: string; readonly source: Source } {
  const allowed = principal.choices?.[label] ?? []
  const chosen = sent[headers[label]]
  if (chosen !== undefined && chosen !== '') {
    if (typeof chosen === 'string' && (allowed.includes(chosen) || chosen === principal[label]))
      return { value: chosen, source: 'header' }
    throw new TriptychError('GATEWAY_ATTRIBUTION_REFUSED', { header: headers[label] })
  }
  const asked = metadata[label]
  if (asked !== undefined && allowed.includes(asked)) return { value: asked, source: 'metadata' }
  const own = principal[label]
  if (own !== undefined) return { value: own, source: principal.credential === 'service_key' ? 'key' : 'claim' }
  const given = policy[label]
  return given === undefined ? { value: '', source: 'none' } : { value: given, source: 'policy' }
}

const sessionForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const agentForm = /^[0-9a-f]{8,64}$/

/** Claude Code's session and agent ids: claims of the client, kept only in their grammar. */
export function readClaims(sent: IncomingHttpHeaders): Claims {
  return {
    session: inGrammar(sent['x-claude-code-session-id'], sessionForm),
    agent: inGrammar(sent['x-claude-code-agent-id'], agentForm),
    parentAgent: inGrammar(sent['x-claude-code-parent-agent-id'], agentForm),
  }
}

function inGrammar(value: string | string[] | undefined, form: RegExp): string {
  if (value === undefined || value === '') return ''
  return typeof value === 'string' && form.test(value) ? value : 'malformed'
}
