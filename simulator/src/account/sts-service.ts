import { type WantedSession, wantedOf } from './assume-role-form.ts'
import { AwsError } from './aws-error.ts'
import { accountId, directRoleArn, gatewayRoleArn } from './estate.ts'
import { type Caller, callerOf, seconds, sessionOf } from './identity.ts'
import type { AccountParts, Exchange } from './parts.ts'
import type { Signer } from './sigv4.ts'
import type { Session } from './state.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const roles = [gatewayRoleArn, directRoleArn]
/** Sessions over this are forgotten, the oldest first. */
const mostSessions = 2_000

/** STS, query protocol of 2011-06-15: AssumeRole and GetCallerIdentity (AWS STS API reference). */
export function handleSts(parts: AccountParts, exchange: Exchange, signer: Signer): void {
  const form = new URLSearchParams(exchange.request.body.toString('utf8'))
  const action = form.get('Action')
  if (action === 'AssumeRole') assumeRole(parts, exchange, signer, form)
  else if (action === 'GetCallerIdentity') {
    const { arn, userIdentity } = callerOf(parts.state.state, signer.accessKeyId)
    answer(
      exchange,
      parts,
      'GetCallerIdentity',
      `<Arn>${arn}</Arn><UserId>${String(userIdentity['principalId'])}</UserId><Account>${accountId}</Account>`,
    )
  } else throw new AwsError(400, 'InvalidAction', `Could not find operation ${String(action)}`)
}

/** An STS error, in XML. */
export function answerStsError(error: AwsError, exchange: Exchange, requestId: string): void {
  exchange.response
    .writeHead(error.status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId })
    .end(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${error.message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    )
}

function assumeRole(parts: AccountParts, exchange: Exchange, signer: Signer, form: URLSearchParams): void {
  const wanted = wantedOf(form)
  const inherited = sessionOf(parts.state.state, signer.accessKeyId)?.sourceIdentity ?? ''
  openSessionFor(parts, exchange, {
    eventName: 'AssumeRole',
    region: signer.region,
    wanted,
    // Once set, a source identity goes with every role assumed from there.
    sourceIdentity: inherited === '' ? wanted.sourceIdentity : inherited,
    caller: callerOf(parts.state.state, signer.accessKeyId),
    answered: '',
  })
}

/** A session that somebody may have, or not. */
export interface SessionRequest {
  readonly eventName: 'AssumeRole' | 'AssumeRoleWithWebIdentity'
  readonly region: string
  readonly wanted: WantedSession
  readonly sourceIdentity: string
  readonly caller: Caller
  /** More elements of the answer, as XML. */
  readonly answered: string
}

/** Opens a session, writes what CloudTrail writes of it, and answers. Throws AccessDenied. */
export function openSessionFor(parts: AccountParts, exchange: Exchange, request: SessionRequest): void {
  const { eventName, region, wanted, sourceIdentity, caller } = request
  const { roleArn, sessionName, tags, transitiveTagKeys } = wanted
  const requestId = parts.random.uuid()
  const event = {
    at: parts.clock.now(),
    region,
    eventSource: 'sts.amazonaws.com',
    eventName,
    caller,
    sourceAddress: exchange.sourceAddress,
    userAgent: String(exchange.request.headers['user-agent'] ?? ''),
    host: `sts.${region}.amazonaws.com`,
    requestId,
    requestParameters: {
      roleArn,
      roleSessionName: sessionName,
      durationSeconds: wanted.duration,
      ...(wanted.sourceIdentity === '' ? {} : { sourceIdentity: wanted.sourceIdentity }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys }),
    },
    readOnly: true,
  }
  if (!roles.includes(roleArn) || (wanted.sourceIdentity !== '' && wanted.sourceIdentity !== sourceIdentity)) {
    const errorMessage = `User: ${caller.arn} is not authorized to perform: sts:${eventName} on resource: ${roleArn}`
    parts.trail.write({ ...event, errorCode: 'AccessDenied', errorMessage })
    throw new AwsError(403, 'AccessDenied', errorMessage)
  }
  const session = newSession(parts, { ...wanted, sourceIdentity })
  const roleName = roleArn.split('/').at(-1) ?? ''
  const assumedArn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`
  parts.trail.write({
    ...event,
    responseElements: {
      credentials: {
        accessKeyId: session.accessKeyId,
        expiration: inWords(session.expiresAt),
        sessionToken: session.sessionToken,
      },
      assumedRoleUser: { assumedRoleId: `${session.roleId}:${sessionName}`, arn: assumedArn },
      ...(sourceIdentity === '' ? {} : { sourceIdentity }),
    },
    resources: [{ accountId, type: 'AWS::IAM::Role', ARN: roleArn }],
  })
  const body = `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId><SecretAccessKey>${session.secretAccessKey}</SecretAccessKey><SessionToken>${session.sessionToken}</SessionToken><Expiration>${seconds(session.expiresAt)}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>${session.roleId}:${sessionName}</AssumedRoleId><Arn>${assumedArn}</Arn></AssumedRoleUser>${sourceIdentity === '' ? '' : `<SourceIdentity>${sourceIdentity}</SourceIdentity>`}${request.answered}`
  answer(exchange, parts, eventName, body, requestId)
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

/** `Jul 10, 2023, 12:31:14 PM`: how CloudTrail writes the expiry of a session. */
function inWords(at: number): string {
  const [date = '', time = ''] = seconds(at).slice(0, 19).split('T')
  const [year, month, day] = date.split('-').map(Number)
  const hour = Number(time.slice(0, 2))
  return `${months[(month ?? 1) - 1]} ${day}, ${year}, ${hour % 12 || 12}${time.slice(2)} ${hour < 12 ? 'AM' : 'PM'}`
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
