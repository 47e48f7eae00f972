import { accessForms, accessPatterns, type IdentitySeen, malformed, pseudonymOf } from '../../record/access-event.ts'
import { aliasPattern } from '../../record/alias.ts'
import { inForm } from './forms.ts'
import { objectAt, textAt } from './loose-json.ts'

/** Who acted, names replaced. */
export interface AccessPrincipal {
  readonly arn: string
  readonly alias: string
  readonly issuerArn: string
  readonly sourceIdentity: string
  readonly identities: readonly IdentitySeen[]
}

/** An ARN or a name with what stands for the person in it, and the pair to keep. */
interface Nameless {
  readonly arn: string
  readonly alias: string
  readonly identities: readonly IdentitySeen[]
}

/** Reads `userIdentity`. Source: CloudTrail User Guide, "CloudTrail userIdentity element". */
export function principalOf(userIdentity: unknown, key: Uint8Array): AccessPrincipal {
  const context = objectAt(userIdentity, 'sessionContext')
  const own = ownName(userIdentity, key)
  const issuer = namelessArn(textAt(objectAt(context, 'sessionIssuer'), 'arn'), key)
  const source = namelessText(textAt(context, 'sourceIdentity'), 'user', key)
  return {
    arn: own.arn,
    alias: own.alias,
    issuerArn: issuer.arn,
    sourceIdentity: source.alias,
    identities: [...own.identities, ...issuer.identities, ...source.identities],
  }
}

/** An ARN whose last part, where it names a user or a session, is replaced; aliases and instance ids stay. */
export function namelessArn(arn: string, key: Uint8Array): Nameless {
  if (arn === '') return { arn: '', alias: '', identities: [] }
  if (accessPatterns.arnWithoutName.test(arn)) return { arn: inForm(arn, accessForms.arn), alias: '', identities: [] }
  const cut = arn.lastIndexOf('/') + 1
  const prefix = arn.slice(0, cut)
  const named = namelessText(arn.slice(cut), accessPatterns.arnOfSession.test(arn) ? 'session' : 'user', key)
  const kept = inForm(prefix, accessForms.arn)
  return { ...named, arn: `${kept === malformed ? `${malformed}/` : kept}${named.alias}` }
}

/** A name by itself. */
function namelessText(text: string, kind: IdentitySeen['kind'], key: Uint8Array): Nameless {
  if (text === '') return { arn: '', alias: '', identities: [] }
  if (aliasPattern.test(text) || accessPatterns.instanceId.test(text)) return { arn: '', alias: text, identities: [] }
  const alias = pseudonymOf(key, text)
  return { arn: '', alias, identities: [{ alias, text, kind }] }
}

/** By ARN; else a service by its name; else a person known to Identity Center or an identity provider. */
function ownName(userIdentity: unknown, key: Uint8Array): Nameless {
  const arn = textAt(userIdentity, 'arn')
  if (arn !== '') return namelessArn(arn, key)
  if (textAt(userIdentity, 'type') === 'AWSService') {
    return { arn: inForm(textAt(userIdentity, 'invokedBy'), accessForms.host), alias: '', identities: [] }
  }
  const person = textAt(objectAt(userIdentity, 'onBehalfOf'), 'userId') || textAt(userIdentity, 'userName')
  return namelessText(person, 'user', key)
}
