import type { AccessWitness, ContentWitness, GatewayWitness } from '../../../record/call.ts'
import type { ComparedField } from '../../../record/finding.ts'
import { isForeignGateway } from '../../../record/foreign-call.ts'
import type { fieldGroups } from '../schema/call-detail.ts'

/** How a field is read off a record; `masked` says that it is kept where only a reason opens it. */
type Reading<Witness> = (witness: Witness) => string | number | undefined | typeof masked

/** Kept in the vault. */
export const masked = Symbol('masked')

/** One line of the triptych: what each witness calls it. A witness without a reading never has the field. */
export interface FieldLine {
  readonly group: (typeof fieldGroups)[number]
  readonly field: string
  readonly label: string
  readonly unit?: string
  /** Under which name it was held side by side. */
  readonly compared?: ComparedField
  readonly access?: Reading<AccessWitness>
  readonly gateway?: Reading<GatewayWitness>
  readonly content?: Reading<ContentWitness>
}

const moment = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString())

const credentialsSaid = {
  person: 'a session of the person',
  shared: 'the gateway’s own: STS was away',
  unknown: '',
} as const

/** Every line, in the order in which they are shown. */
export const fieldTable: readonly FieldLine[] = [
  {
    group: 'identity',
    field: 'who',
    label: 'Who',
    compared: 'person',
    access: (row) => row.principalAlias || row.principalArn,
    gateway: (row) => row.alias,
    content: (row) => row.principalAlias || row.principalArn,
  },
  { group: 'identity', field: 'name', label: 'Name', gateway: (row) => (row.alias === '' ? '' : masked) },
  {
    group: 'identity',
    field: 'principal',
    label: 'IAM principal',
    access: (row) => row.principalArn,
    content: (row) => row.principalArn,
  },
  { group: 'identity', field: 'principal_type', label: 'Principal type', access: (row) => row.principalType },
  { group: 'identity', field: 'access_key', label: 'Access key id', access: (row) => row.accessKeyId },
  { group: 'identity', field: 'team', label: 'Team', gateway: (row) => row.team },
  { group: 'identity', field: 'project', label: 'Project', gateway: (row) => row.project },
  { group: 'identity', field: 'cost_centre', label: 'Cost centre', gateway: (row) => row.costCentre },
  {
    group: 'model',
    field: 'model',
    label: 'Model',
    compared: 'model',
    access: (row) => row.model,
    gateway: (row) => row.model,
    content: (row) => row.model,
  },
  {
    group: 'model',
    field: 'operation',
    label: 'Operation',
    compared: 'operation',
    access: (row) => row.operation,
    gateway: (row) => row.operation,
    content: (row) => row.operation,
  },
  {
    group: 'place',
    field: 'account',
    label: 'Account',
    compared: 'account',
    access: (row) => row.account,
    gateway: (row) => row.account,
    content: (row) => row.account,
  },
  {
    group: 'place',
    field: 'region',
    label: 'Region',
    compared: 'region',
    access: (row) => row.region,
    gateway: (row) => row.region,
    content: (row) => row.region,
  },
  { group: 'place', field: 'endpoint', label: 'Endpoint', access: (row) => row.eventSource },
  { group: 'place', field: 'through', label: 'Gateway', gateway: (row) => row.gateway },
  { group: 'time', field: 'started', label: 'Started', gateway: (row) => moment(row.startedAt) },
  {
    group: 'time',
    field: 'ended',
    label: 'Ended',
    compared: 'time',
    access: (row) => moment(row.at),
    gateway: (row) => moment(row.endedAt),
    content: (row) => moment(row.at),
  },
  { group: 'time', field: 'first_byte', label: 'First byte after', unit: 'ms', gateway: (row) => row.firstByteMs },
  { group: 'time', field: 'duration', label: 'Duration', unit: 'ms', gateway: (row) => row.durationMs },
  {
    group: 'tokens',
    field: 'input',
    label: 'Input',
    unit: 'tokens',
    compared: 'tokens',
    gateway: (row) => row.tokens.input,
    content: (row) => row.tokens.input,
  },
  {
    group: 'tokens',
    field: 'output',
    label: 'Output',
    unit: 'tokens',
    compared: 'tokens',
    gateway: (row) => row.tokens.output,
    content: (row) => row.tokens.output,
  },
  {
    group: 'tokens',
    field: 'cache_read',
    label: 'Cache read',
    unit: 'tokens',
    compared: 'tokens',
    gateway: (row) => row.tokens.cacheRead,
    content: (row) => row.tokens.cacheRead,
  },
  {
    group: 'tokens',
    field: 'cache_write',
    label: 'Cache write',
    unit: 'tokens',
    compared: 'tokens',
    gateway: (row) => row.tokens.cacheWrite,
    content: (row) => row.tokens.cacheWrite,
  },
  {
    group: 'outcome',
    field: 'result',
    label: 'Result',
    gateway: (row) => row.result ?? (isForeignGateway(row.gateway) ? '' : row.stage),
  },
  { group: 'outcome', field: 'http_status', label: 'HTTP status', gateway: (row) => row.httpStatus || '' },
  {
    group: 'outcome',
    field: 'error',
    label: 'Error code',
    access: (row) => row.errorCode,
    gateway: (row) => row.refusalCode,
    content: (row) => row.errorCode,
  },
  {
    group: 'tokens',
    field: 'cost',
    label: 'Cost by price list',
    unit: 'USD',
    gateway: (row) => (row.costMicroUsd === undefined ? undefined : (row.costMicroUsd / 1_000_000).toFixed(6)),
  },
  { group: 'tokens', field: 'prices_of', label: 'Prices of', gateway: (row) => row.pricesOf },
  {
    group: 'outcome',
    field: 'rule',
    label: 'Policy rule',
    gateway: (row) => (row.rule === '' ? row.policy : `${row.rule} (${row.policy})`),
  },
  {
    group: 'outcome',
    field: 'credentials',
    label: 'AWS credentials',
    gateway: (row) => credentialsSaid[row.awsSession],
  },
  { group: 'outcome', field: 'stop_reason', label: 'Stop reason', gateway: (row) => row.stopReason },
  {
    group: 'content',
    field: 'body',
    label: 'Prompt and response',
    content: (row) => (row.hasBody ? masked : ''),
  },
  {
    group: 'proof',
    field: 'call_id',
    label: 'Call id',
    compared: 'call_id',
    access: (row) => row.callId,
    gateway: (row) => row.callId,
    content: (row) => row.callId,
  },
  {
    group: 'proof',
    field: 'aws_request_id',
    label: 'AWS request id',
    access: (row) => row.requestId,
    gateway: (row) => row.awsRequestId,
    content: (row) => row.requestId,
  },
  { group: 'proof', field: 'own_request_id', label: 'The gateway’s own id', gateway: (row) => row.ownRequestId },
  { group: 'proof', field: 'event_id', label: 'CloudTrail event id', access: (row) => row.eventId },
]
