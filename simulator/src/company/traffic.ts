import { type AccessKey, leakedApiKey } from '../account/estate.ts'
import { signRequest } from '../account/sigv4.ts'
import type { Account } from '../account/start-account.ts'
import { type ClientAnswer, send } from './client.ts'
import { type Conversation, Conversations, noteExchange } from './conversations.ts'
import type { Worker } from './people.ts'
import { type BodySize, claudeCodeBody, converseBody } from './request-body.ts'
import { claudeCodeHeaders } from './request-headers.ts'

/** Models as the company asks for them. */
export const models = {
  sonnet: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  haiku: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
  opus: 'us.anthropic.claude-opus-4-6-v1',
  old: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
  european: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
} as const

/** A way to call through the gateway. */
export interface CallStyle {
  readonly verb?: 'invoke' | 'invoke-with-response-stream' | 'converse' | 'converse-stream' | 'messages'
  readonly model?: string
  readonly size?: BodySize
  readonly agent?: string
  readonly hangUpAfterBytes?: number
  readonly tokenSeconds?: number
  /** Sent instead of the person's token; '' sends none. */
  readonly credential?: string
}

/** What the company does: calls through the gateway, and round it. */
export class Traffic {
  readonly #account: Account
  readonly #conversations: Conversations
  gateway = ''
  serviceKey = ''

  constructor(account: Account) {
    this.#account = account
    this.#conversations = new Conversations(account.parts.random)
  }

  /** A person calls, as Claude Code would. */
  async person(worker: Worker, style: CallStyle = {}): Promise<ClientAnswer> {
    const conversation = this.#conversations.of(`${worker.email} ${style.size ?? 'small'}`)
    const credential =
      style.credential ?? (await this.#account.idp.token(worker, { expiresInSeconds: style.tokenSeconds ?? 3600 }))
    return this.#throughGateway(style, conversation, credential)
  }

  /** The nightly pipeline calls, with its service key. */
  pipeline(style: CallStyle = {}): Promise<ClientAnswer> {
    return this.#throughGateway(
      { verb: 'invoke', model: models.haiku, size: 'small', ...style },
      this.#fresh(),
      this.serviceKey,
    )
  }

  /** Somebody calls AWS directly, signed with a key of their own. */
  direct(
    key: Pick<AccessKey, 'accessKeyId' | 'secretAccessKey'> & { readonly sessionToken?: string },
    options: { region?: string; model?: string; userAgent?: string; from?: string } = {},
  ): Promise<ClientAnswer> {
    const { random, clock } = this.#account.parts
    const body = Buffer.from(JSON.stringify(claudeCodeBody(random, 'small', this.#fresh())))
    const url = `/model/${encodeURIComponent(options.model ?? models.sonnet)}/invoke`
    const headers = {
      host: new URL(this.#account.url).host,
      'content-type': 'application/json',
      'x-sim-source-address': options.from ?? '203.0.113.24',
      'user-agent': options.userAgent ?? 'Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1',
    }
    const signed = signRequest(
      { method: 'POST', url, headers, body },
      key,
      { region: options.region ?? 'us-east-1', service: 'bedrock' },
      clock.now(),
    )
    return send({ base: this.#account.url, path: url, headers: signed, body })
  }

  /** Somebody calls AWS directly with the leaked Bedrock API key. */
  leaked(): Promise<ClientAnswer> {
    const { random } = this.#account.parts
    const body = Buffer.from(JSON.stringify(claudeCodeBody(random, 'small', this.#fresh())))
    return send({
      base: this.#account.url,
      path: `/model/${models.opus}/invoke`,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${leakedApiKey.token}`,
        'user-agent': 'python-requests/2.32.3',
        'x-sim-source-address': '198.51.100.77',
      },
      body,
    })
  }

  /** An operator calls an API of the account. */
  operator(
    key: AccessKey,
    service: 'bedrock' | 'cloudtrail',
    region: string,
    wanted: { method: string; path: string; target?: string; body?: unknown },
  ): Promise<ClientAnswer> {
    const body = Buffer.from(wanted.body === undefined ? '' : JSON.stringify(wanted.body))
    const headers: Record<string, string> = {
      host: new URL(this.#account.url).host,
      'user-agent': 'aws-cli/2.30.0',
      'content-type': wanted.target === undefined ? 'application/json' : 'application/x-amz-json-1.1',
      'x-sim-source-address': '203.0.113.9',
    }
    if (wanted.target !== undefined)
      headers['x-amz-target'] = `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.${wanted.target}`
    const signed = signRequest(
      { method: wanted.method, url: wanted.path, headers, body },
      key,
      { region, service },
      this.#account.parts.clock.now(),
    )
    return send({ base: this.#account.url, path: wanted.path, method: wanted.method, headers: signed, body })
  }

  /** What Claude Code asks at every start, without a credential. */
  async startup(): Promise<void> {
    await send({ base: this.gateway, path: '/', method: 'HEAD', headers: { 'user-agent': 'Bun/1.4.0' } })
    await send({
      base: this.gateway,
      path: '/inference-profiles?type=SYSTEM_DEFINED',
      method: 'GET',
      headers: { 'user-agent': 'claude-cli/2.1.197 (external, cli)' },
    })
  }

  #fresh(): Conversation {
    return { session: this.#account.parts.random.uuid(), past: [] }
  }

  async #throughGateway(style: CallStyle, conversation: Conversation, credential: string): Promise<ClientAnswer> {
    const { random } = this.#account.parts
    const verb = style.verb ?? 'invoke-with-response-stream'
    const model = style.model ?? models.sonnet
    const converse = verb.startsWith('converse')
    const inner = converse ? converseBody(random) : claudeCodeBody(random, style.size ?? 'small', conversation)
    const { anthropic_version: _version, anthropic_beta: _beta, ...plain } = inner
    const whole = verb === 'messages' ? { model: 'claude-sonnet-4-5', ...plain, stream: true } : inner
    const answer = await send({
      base: this.gateway,
      path: verb === 'messages' ? '/v1/messages?beta=true' : `/model/${model}/${verb}`,
      headers: {
        ...claudeCodeHeaders(conversation.session, style.agent),
        ...(credential === '' ? {} : { authorization: `Bearer ${credential}` }),
      },
      body: Buffer.from(JSON.stringify(whole)),
      ...(style.hangUpAfterBytes === undefined ? {} : { hangUpAfterBytes: style.hangUpAfterBytes }),
    })
    if (answer.status === 200 && !converse)
      noteExchange(conversation, plain, verb === 'messages' ? models.sonnet : model)
    return answer
  }
}
