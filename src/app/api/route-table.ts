import { z } from 'zod'
import type { Permission } from '../access/permissions.ts'
import {
  callParams,
  consistencyParams,
  exportParams,
  histogramParams,
  proofParams,
  selectionParams,
  sessionParams,
  windowOnly,
} from './parse-query.ts'
import { askSchema } from './schema/ask.ts'
import { attentionSchema, callsSchema, facetsSchema, histogramSchema } from './schema/call.ts'
import { callDetailSchema } from './schema/call-detail.ts'
import { contentLoggingSchema, disableLoggingBody, enableLoggingBody } from './schema/content-logging.ts'
import { conversationReadSchema, conversationSchema, sessionsSchema } from './schema/conversation.ts'
import { coverageSchema } from './schema/coverage.ts'
import { consistencySchema } from './schema/ledger.ts'
import { beatSchema } from './schema/live.ts'
import {
  archiveCheckSchema,
  ingestBody,
  ingestedSchema,
  linkBody,
  linkSchema,
  rebuiltSchema,
  statusSchema,
} from './schema/operate.ts'
import {
  contentReadSchema,
  contentSchema,
  identitySchema,
  reasonSchema,
  sessionSchema,
  signInSchema,
} from './schema/session.ts'
import { storySchema } from './schema/story.ts'

/** One route: who may use it, and what goes in and out. */
export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below /api/v1; `:id` stands for one segment. */
  readonly path: string
  readonly permission: Permission
  readonly does: string
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly answer?: z.ZodType
  /** Where the answer is not JSON alone; such an answer may be a stream. */
  readonly types?: readonly string[]
}

const object = z.looseObject({})

/** Every route of the API. What is not in it is not served, and what a role may is decided here and nowhere else. */
export const routeTable: readonly RouteRow[] = [
  {
    method: 'POST',
    path: '/session',
    permission: 'open',
    does: 'signs in with a one-time link',
    body: signInSchema,
    answer: sessionSchema,
  },
  { method: 'GET', path: '/session', permission: 'open', does: 'says who is signed in', answer: sessionSchema },
  { method: 'DELETE', path: '/session', permission: 'open', does: 'signs out' },
  {
    method: 'POST',
    path: '/session/links',
    permission: 'own',
    does: 'mints a one-time link; over the socket only',
    body: linkBody,
    answer: linkSchema,
  },
  { method: 'GET', path: '/openapi.json', permission: 'open', does: 'describes this API', answer: object },
  { method: 'GET', path: '/status', permission: 'see', does: 'says where the program stands', answer: statusSchema },
  {
    method: 'GET',
    path: '/story',
    permission: 'see',
    does: 'says what to look at first in a simulated account',
    answer: storySchema,
  },
  {
    method: 'GET',
    path: '/calls',
    permission: 'see',
    does: 'lists calls, newest first',
    query: callParams,
    answer: callsSchema,
  },
  {
    method: 'GET',
    path: '/calls/facets',
    permission: 'see',
    does: 'counts what a list can be narrowed by',
    query: selectionParams,
    answer: facetsSchema,
  },
  {
    method: 'GET',
    path: '/calls/histogram',
    permission: 'see',
    does: 'counts calls over time',
    query: histogramParams,
    answer: histogramSchema,
  },
  {
    method: 'GET',
    path: '/calls/export',
    permission: 'see',
    does: 'gives calls as a file',
    query: exportParams,
    types: ['text/csv', 'application/x-ndjson'],
  },
  {
    method: 'GET',
    path: '/calls/:id',
    permission: 'see',
    does: 'shows one call by call id or AWS request id',
    answer: callDetailSchema,
  },
  {
    method: 'POST',
    path: '/calls/:id/identity',
    permission: 'identify',
    does: 'says who it was; recorded first',
    body: reasonSchema,
    answer: identitySchema,
  },
  {
    method: 'POST',
    path: '/calls/:id/content',
    permission: 'read_content',
    does: 'says what was said; recorded first',
    body: contentReadSchema,
    answer: contentSchema,
  },
  {
    method: 'GET',
    path: '/calls/:id/proof',
    permission: 'prove',
    does: 'gives the receipt of one record of a call',
    query: proofParams,
    types: ['text/plain'],
  },
  {
    method: 'GET',
    path: '/sessions',
    permission: 'see',
    does: 'lists sessions of clients, the one that spoke last first',
    query: sessionParams,
    answer: sessionsSchema,
    types: ['application/json', 'text/csv'],
  },
  {
    method: 'POST',
    path: '/sessions/:id/conversation',
    permission: 'read_content',
    does: 'says what was said in a session, each turn once; recorded first',
    body: conversationReadSchema,
    answer: conversationSchema,
  },
  {
    method: 'GET',
    path: '/ledger/checkpoint',
    permission: 'prove',
    does: 'gives the newest signed checkpoint',
    types: ['text/plain'],
  },
  {
    method: 'GET',
    path: '/ledger/key',
    permission: 'prove',
    does: 'gives the public verifier key',
    types: ['text/plain'],
  },
  {
    method: 'GET',
    path: '/ledger/consistency',
    permission: 'prove',
    does: 'proves that the log only grew',
    query: consistencyParams,
    answer: consistencySchema,
  },
  {
    method: 'GET',
    path: '/attention',
    permission: 'see',
    does: 'groups by cause what somebody should look at',
    query: windowOnly,
    answer: attentionSchema,
  },
  {
    method: 'GET',
    path: '/coverage',
    permission: 'see',
    does: 'says what each layer could see',
    query: windowOnly,
    answer: coverageSchema,
  },
  {
    method: 'GET',
    path: '/live',
    permission: 'see',
    does: 'streams calls as they are judged',
    answer: beatSchema,
    types: ['text/event-stream'],
  },
  {
    method: 'GET',
    path: '/ask/:question',
    permission: 'see',
    does: 'answers who, model or consumption',
    query: windowOnly,
    answer: askSchema,
  },
  {
    method: 'POST',
    path: '/ingest',
    permission: 'operate',
    does: 'takes log files in; a line for each',
    body: ingestBody,
    answer: ingestedSchema,
    types: ['application/x-ndjson'],
  },
  {
    method: 'POST',
    path: '/rebuild',
    permission: 'operate',
    does: 'makes the store again; a line for each step',
    answer: rebuiltSchema,
    types: ['application/x-ndjson'],
  },
  {
    method: 'POST',
    path: '/archive/check',
    permission: 'operate',
    does: 'hashes the archive again',
    answer: archiveCheckSchema,
  },
  {
    method: 'GET',
    path: '/content/logging',
    permission: 'see',
    does: 'asks the account what invocation logging does in each region, beside the policy',
    answer: contentLoggingSchema,
  },
  {
    method: 'POST',
    path: '/content/logging/enable',
    permission: 'operate',
    does: 'switches invocation logging on by a decision; recorded first',
    body: enableLoggingBody,
    answer: contentLoggingSchema,
  },
  {
    method: 'POST',
    path: '/content/logging/disable',
    permission: 'operate',
    does: 'switches invocation logging off by a decision; recorded first',
    body: disableLoggingBody,
    answer: contentLoggingSchema,
  },
]

/** The row of a request, most exact path first; undefined when nothing is served there. */
export function routeFor(method: string, path: string): RouteRow | undefined {
  const segments = path.split('/')
  const fits = (row: RouteRow) => {
    const own = row.path.split('/')
    return own.length === segments.length && own.every((part, i) => part.startsWith(':') || part === segments[i])
  }
  const wanted = method === 'HEAD' ? 'GET' : method
  const found = routeTable.filter((row) => row.method === wanted && fits(row))
  return found.find((row) => !row.path.includes(':')) ?? found[0]
}
