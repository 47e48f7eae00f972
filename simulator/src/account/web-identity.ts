import { createLocalJWKSet, jwtVerify } from 'jose'
import { wantedOf } from './assume-role-form.ts'
import { AwsError } from './aws-error.ts'
import { accountId, gatewayRoleArn, regions } from './estate.ts'
import type { IdentityProvider } from './idp.ts'
import type { AccountParts, Exchange } from './parts.ts'
import { openSessionFor } from './sts-service.ts'

/** Whether a request is AssumeRoleWithWebIdentity: the one action of STS that nobody signs. */
export function isWebIdentity({ request }: Exchange): boolean {
  const type = String(request.headers['content-type'] ?? '')
  return (
    request.method === 'POST' &&
    request.headers.authorization === undefined &&
    type.startsWith('application/x-www-form-urlencoded') &&
    request.body.includes('Action=AssumeRoleWithWebIdentity')
  )
}

/**
 * A session for whoever the token says, verified against the company's provider, which the account trusts (AWS STS API reference,
 * AssumeRoleWithWebIdentity). The token is in no record.
 */
export async function assumeRoleWithWebIdentity(
  parts: AccountParts,
  exchange: Exchange,
  idp: IdentityProvider | undefined,
): Promise<void> {
  const form = new URLSearchParams(exchange.request.body.toString('utf8'))
  const wanted = wantedOf(form)
  if (idp === undefined || wanted.roleArn !== gatewayRoleArn)
    throw new AwsError(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity')
  const { subject, audience } = await verified(form.get('WebIdentityToken') ?? '', idp, parts.clock.now())
  const provider = new URL(idp.issuer)
  openSessionFor(parts, exchange, {
    eventName: 'AssumeRoleWithWebIdentity',
    region: regions[0],
    wanted,
    sourceIdentity: '',
    caller: {
      arn: '',
      accessKeyId: '',
      bearer: false,
      userIdentity: {
        type: 'WebIdentityUser',
        principalId: `${provider.host}${provider.pathname}:${audience}:${subject}`,
        userName: subject,
        identityProvider: `arn:aws:iam::${accountId}:oidc-provider/${provider.host}${provider.pathname}`,
      },
    },
    answered: `<SubjectFromWebIdentityToken>${subject}</SubjectFromWebIdentityToken><Audience>${audience}</Audience>`,
  })
}

async function verified(token: string, idp: IdentityProvider, now: number) {
  const keys = createLocalJWKSet(idp.document('/jwks') as Parameters<typeof createLocalJWKSet>[0])
  const { payload } = await jwtVerify(token, keys, { issuer: idp.issuer, currentDate: new Date(now) }).catch(() => {
    throw new AwsError(400, 'InvalidIdentityToken', 'The ID Token provided is not a valid JWT')
  })
  return { subject: payload.sub ?? '', audience: String(payload.aud ?? '') }
}
