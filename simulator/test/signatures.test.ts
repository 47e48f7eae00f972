import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessKeys, accountId, buckets } from '../src/account/estate.ts'
import { signRequest } from '../src/account/sigv4.ts'
import { clientOptions, invokeBody, model, sessionOf, type TestAccount, testAccount } from './kit.ts'

/** SHA-256 as the official signer wants it. */
class Sha256 {
  readonly #hash: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data))
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }
  reset(): void {
    throw new Error('not used')
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)
}

let stand: TestAccount
beforeAll(async () => {
  stand = await testAccount()
})
afterAll(() => stand.close())

const path = `/model/${encodeURIComponent(model)}/invoke`
const body = Buffer.from(invokeBody('signed'))

interface Change {
  readonly extra?: Record<string, string>
  readonly drop?: string
  readonly service?: string
  readonly unsigned?: Record<string, string>
  readonly at?: number
  readonly body?: Buffer
  readonly edit?: (authorization: string) => string
}

/** Signs an InvokeModel call, changes it, sends it. */
async function sent(change: Change = {}): Promise<string> {
  const signed = signRequest(
    {
      method: 'POST',
      url: path,
      headers: { host: new URL(stand.account.url).host, 'content-type': 'application/json', ...change.extra },
      body,
    },
    accessKeys.laptop,
    { region: 'us-east-1', service: change.service ?? 'bedrock' },
    change.at ?? Date.now(),
  )
  const headers: Record<string, string> = { ...signed, ...change.unsigned }
  if (change.drop !== undefined) delete headers[change.drop]
  if (change.edit !== undefined) headers['authorization'] = change.edit(headers['authorization'] ?? '')
  const answer = await fetch(`${stand.account.url}${path}`, { method: 'POST', headers, body: change.body ?? body })
  return `${answer.status} ${answer.headers.get('x-amzn-errortype')?.split(':')[0] ?? 'ok'}`
}

test('a header that was signed is part of the signature, and one that was added afterwards breaks it', async () => {
  const name = 'x-amzn-bedrock-request-metadata'
  expect(await sent({ extra: { [name]: '{"a":"b"}' } })).toBe('200 ok')
  expect(await sent({ extra: { [name]: '{"a":"b"}' }, unsigned: { [name]: '{"a":"c"}' } })).toBe(
    '403 InvalidSignatureException',
  )
  expect(await sent({ unsigned: { [name]: '{"a":"b"}' } })).toBe('403 InvalidSignatureException')
})

test('a signature without its date, with another day or with a date far ahead is refused', async () => {
  expect(await sent({ drop: 'x-amz-date' })).toBe('403 InvalidSignatureException')
  expect(await sent({ at: Date.now() + 6 * 60_000 })).toBe('403 InvalidSignatureException')
  expect(await sent({ edit: (text) => text.replace(/\/\d{8}\//, '/20200101/') })).toBe('403 InvalidSignatureException')
})

test('a credential for another service does not open Bedrock', async () => {
  expect(await sent({ service: 'execute-api' })).toBe('403 InvalidSignatureException')
})

test('Bedrock does not take a body that was declared unsigned, however well that is signed', async () => {
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'us-east-1',
    credentials: accessKeys.laptop,
    sha256: Sha256,
  })
  const { hostname, port, host } = new URL(stand.account.url)
  const signed = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    query: {},
    headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    body: '',
  })
  const answer = await fetch(`${stand.account.url}${path}`, { method: 'POST', headers: signed.headers, body })
  expect(answer.status).toBe(403)
})

test('no credential at all is a missing token', async () => {
  const answer = await fetch(`${stand.account.url}${path}`, { method: 'POST', body })
  expect([answer.status, answer.headers.get('x-amzn-errortype')?.split(':')[0]]).toEqual([
    403,
    'MissingAuthenticationTokenException',
  ])
})

test('an ARN in the path is one encoded segment, and its signature holds', async () => {
  const client = new BedrockRuntimeClient(clientOptions(stand.account))
  for (const modelId of [
    `arn:aws:bedrock:us-east-1:${accountId}:inference-profile/${model}`,
    `arn:aws:bedrock:us-east-1:${accountId}:application-inference-profile/a1b2c3d4e5f6`,
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0',
  ]) {
    const answer = await client.send(new InvokeModelCommand({ modelId, body }))
    expect(JSON.parse(Buffer.from(answer.body).toString())).toMatchObject({ type: 'message' })
    expect(stand.account.parts.received.all().at(-1)?.modelId).toBe(modelId)
  }
})

test('a session signs with its token; without it, with another’s, or once it has expired it does not', async () => {
  const one = await sessionOf(stand.account, 'one')
  const other = await sessionOf(stand.account, 'other')
  const call = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
    new BedrockRuntimeClient({ ...clientOptions(stand.account), credentials })
      .send(new InvokeModelCommand({ modelId: model, body }))
      .then(
        () => 'ok',
        (cause: unknown) => (cause instanceof Error ? cause.name : 'other'),
      )
  expect(await call(one)).toBe('ok')
  expect(await call({ accessKeyId: one.accessKeyId, secretAccessKey: one.secretAccessKey })).toBe(
    'UnrecognizedClientException',
  )
  expect(await call({ ...one, sessionToken: other.sessionToken })).toBe('UnrecognizedClientException')
  const session = stand.account.parts.state.state.sessions.find((known) => known.accessKeyId === one.accessKeyId)
  if (session !== undefined) session.expiresAt = Date.now() - 1
  expect(await call(one)).toBe('ExpiredTokenException')
})

test('S3 and STS name a bad credential in their own words', async () => {
  const wrongSecret = { ...accessKeys.gateway, secretAccessKey: 'wrong' }
  const unknownKey = { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'x' }
  const s3 = (credentials: typeof unknownKey) =>
    new S3Client({ ...clientOptions(stand.account), credentials, forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: buckets.trail }),
    )
  const sts = (credentials: typeof unknownKey) =>
    new STSClient({ ...clientOptions(stand.account), credentials }).send(new GetCallerIdentityCommand({}))
  await expect(s3(wrongSecret)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  await expect(s3(unknownKey)).rejects.toMatchObject({ name: 'InvalidAccessKeyId' })
  await expect(sts(wrongSecret)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  await expect(sts(unknownKey)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
})
