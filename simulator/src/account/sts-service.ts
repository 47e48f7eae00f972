import { AwsError } from './aws-error.ts'
import { accountId, directRoleArn, gatewayRoleArn } from './estate.ts'
import { callerOf, seconds } from './identity.ts'
import type { AccountParts, Exchange } from './parts.ts'
import type { Signer } from './sigv4.ts'
import type { Session } from './state.ts'

const nameForm = /^[\w+=,.@-]{2,64}$/
const roles = [gatewayRoleArn, directRoleArn]
/** Sessions over this are forgotten, the oldest first. */
const mostSessions = 2_000

/** STS, query protocol of 2011-06-15: AssumeRole and GetCallerIdentity (AWS STS API reference). */
export function handleSts(parts: AccountParts, exchange: Exchange, signer: Signer): void {
  const form = new URLSearchParams(exchange.request.body.toString('utf8'))
  const action = form.get('Action')
  if (action === 'AssumeRole') assumeRole(parts, exchange, signer, form)
  else if (action === 'GetCallerIdentity') {
    const { arn } = callerOf(parts.state.state, signer.accessKeyId)
    answer(
      exchange,
      parts,
      'GetCallerIdentity',
      `<Arn>${arn}</Arn><UserId>${signer.accessKeyId}</UserId><Account>${accountId}</Account>`,
    )
  } else throw new AwsError(400, 'InvalidAction', `Could not find operation ${String(action)}`)
}

/** An STS error, in XML. */
export function answerStsError(error: AwsError, exchange: Exchange): void {
  exchange.response
    .writeHead(error.status, { 'content-type': 'text/xml' })
    .end(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${error.message}</Message></Error></ErrorResponse>`,
    )
}

function assumeRole(parts: AccountParts, exchange: Exchange, signer: Signer, form: URLSearchParams): void {
  const roleArn = form.get('RoleArn') ?? ''
  const sessionName = form.get('RoleSessionName') ?? ''
  const sourceIdentity = form.get('SourceIdentity') ?? ''
  const duration = Number(form.get('DurationSeconds') ?? 3600)
  if (
    !nameForm.test(sessionName) ||
    (sourceIdentity !== '' && !nameForm.test(sourceIdentity)) ||
    !(duration >= 900 && duration <= 3600)
  ) {
    throw new AwsError(400, 'ValidationError', 'A parameter of AssumeRole does not have its form')
  }
  if (!roles.includes(roleArn))
    throw new AwsError(403, 'AccessDenied', 'User is not authorized to perform: sts:AssumeRole')
  const session = newSession(parts, { roleArn, sessionName, sourceIdentity, duration })
  const roleName = roleArn.split('/').at(-1) ?? ''
  const assumedArn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`
  const requestId = parts.random.uuid()
  parts.trail.write({
    at: parts.clock.now(),
    region: signer.region,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    caller: callerOf(parts.state.state, signer.accessKeyId),
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `sts.${signer.region}.amazonaws.com`,
    requestId,
    requestParameters: {
      roleArn,
      roleSessionName: sessionName,
      durationSeconds: duration,
      ...(sourceIdentity === '' ? {} : { sourceIdentity }),
      tags: tagsOf(form),
    },
    responseElements: {
      credentials: {
        accessKeyId: session.accessKeyId,
        expiration: seconds(session.expiresAt),
        sessionToken: session.sessionToken,
      },
      assumedRoleUser: { assumedRoleId: `${session.roleId}:${sessionName}`, arn: assumedArn },
      ...(sourceIdentity === '' ? {} : { sourceIdentity }),
    },
    readOnly: true,
  })
  const body = `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId><SecretAccessKey>${session.secretAccessKey}</SecretAccessKey><SessionToken>${session.sessionToken}</SessionToken><Expiration>${seconds(session.expiresAt)}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>${session.roleId}:${sessionName}</AssumedRoleId><Arn>${assumedArn}</Arn></AssumedRoleUser>${sourceIdentity === '' ? '' : `<SourceIdentity>${sourceIdentity}</SourceIdentity>`}`
  answer(exchange, parts, 'AssumeRole', body, requestId)
}

function newSession(
  parts: AccountParts,
  wanted: { roleArn: string; sessionName: string; sourceIdentity: string; duration: number },
): Session {
  const now = parts.clock.now()
  const { roleArn, sessionName, sourceIdentity, duration } = wanted
  const session: Session = {
    accessKeyId: `ASIA${parts.random.code(16)}`,
    secretAccessKey: parts.random.hex(40),
    sessionToken: parts.random.hex(160),
    roleArn,
    roleId: roleArn === gatewayRoleArn ? 'AROASIMINVOKE00000001' : 'AROASIMREVIEW00000001',
    sessionName,
    sourceIdentity,
    createdAt: now,
    expiresAt: now + duration * 1000,
  }
  const { sessions } = parts.state.state
  sessions.push(session)
  if (sessions.length > mostSessions) sessions.splice(0, sessions.length - mostSessions)
  parts.state.save()
  return session
}

function tagsOf(form: URLSearchParams): readonly { readonly key: string; readonly value: string }[] {
  const tags: { key: string; value: string }[] = []
  for (let i = 1; form.has(`Tags.member.${i}.Key`); i++)
    tags.push({ key: form.get(`Tags.member.${i}.Key`) ?? '', value: form.get(`Tags.member.${i}.Value`) ?? '' })
  return tags
}

function answer(
  exchange: Exchange,
  parts: AccountParts,
  action: string,
  result: string,
  requestId = parts.random.uuid(),
): void {
  exchange.response
    .writeHead(200, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId })
    .end(
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
    )
}
