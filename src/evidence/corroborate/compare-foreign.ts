import type { AccessWitness, Compared, ContentWitness, GatewayWitness, Tokens } from '../../record/call.ts'
import type { ComparedField } from '../../record/finding.ts'
import { namesBedrockModel } from '../../record/model-id.ts'

/** How two values of one field are held against each other. */
export interface Agreement {
  readonly model: (a: string, b: string) => boolean
  readonly time: (at: number, gateway: GatewayWitness) => boolean
}

/**
 * The record of another product's gateway against AWS's: what its log says, and nothing that it leaves out. The person is not
 * compared: AWS knows such a gateway's own role, and whom the log means only the log knows.
 */
export function compareForeign(
  gateway: GatewayWitness,
  access: AccessWitness | undefined,
  content: ContentWitness | undefined,
  agree: Agreement,
): readonly Compared[] {
  const found: Compared[] = []
  if (access !== undefined) found.push(...sharedFields(gateway, access, 'access', agree))
  if (content === undefined) return found
  found.push(...sharedFields(gateway, content, 'content', agree))
  const { input, output } = gateway.tokens
  if (
    gateway.result === 'success' &&
    input !== undefined &&
    output !== undefined &&
    content.tokens.output !== undefined
  )
    found.push(row('tokens', 'content', sameTokens(gateway.tokens, content.tokens)))
  return found
}

function sharedFields(
  gateway: GatewayWitness,
  aws: AccessWitness | ContentWitness,
  witness: 'access' | 'content',
  agree: Agreement,
): readonly Compared[] {
  const found: Compared[] = []
  // A product may write a name of its own for a model, which says nothing against AWS's.
  if (namesBedrockModel(gateway.model) && namesBedrockModel(aws.model))
    found.push(row('model', witness, agree.model(gateway.model, aws.model)))
  for (const field of ['account', 'region', 'operation'] as const)
    if (gateway[field] !== '') found.push(row(field, witness, gateway[field] === aws[field]))
  found.push(row('time', witness, agree.time(aws.at, gateway)))
  return found
}

function row(field: ComparedField, aws: 'access' | 'content', agree: boolean): Compared {
  return { field, between: ['gateway', aws], agree, strength: 'independent' }
}

/** Products count input with or without what came from the cache and went into it; where they count it apart, it is compared too. */
function sameTokens(told: Tokens, bedrock: Tokens): boolean {
  const cached = (bedrock.cacheRead ?? 0) + (bedrock.cacheWrite ?? 0)
  const input = bedrock.input ?? 0
  const same = (a: number | undefined, b: number | undefined) => a === undefined || a === (b ?? 0)
  return (
    told.output === bedrock.output &&
    (told.input === input || told.input === input + cached) &&
    same(told.cacheRead, bedrock.cacheRead) &&
    same(told.cacheWrite, bedrock.cacheWrite)
  )
}
