import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { accessKeys, buckets, gatewayRoleArn } from '../src/account/estate.ts'
import { type Account, type AccountOptions, startAccount } from '../src/account/start-account.ts'

/** A cross-region profile that is enabled everywhere. */
export const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'

/** A record as a log file holds it. */
export type LogRecord = Readonly<Record<string, unknown>>

/** An account with a directory of its own, removed when it closes. */
export interface TestAccount {
  readonly account: Account
  readonly dir: string
  close(): Promise<void>
}

/** Starts an account for one test file. */
export async function testAccount(options: Partial<AccountOptions> = {}): Promise<TestAccount> {
  const dir = mkdtempSync(join(tmpdir(), 'simulator-'))
  const account = await startAccount({ dataDir: dir, seed: 11, ...options })
  return {
    account,
    dir,
    async close() {
      await account.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** What an SDK client is made with. */
export function clientOptions(account: Account, region = 'us-east-1') {
  return { region, endpoint: account.url, credentials: accessKeys.gateway, maxAttempts: 1 }
}

/** The credentials of a new session of the gateway's role. */
export async function sessionOf(account: Account, name: string, sourceIdentity?: string) {
  const { Credentials } = await new STSClient(clientOptions(account)).send(
    new AssumeRoleCommand({ RoleArn: gatewayRoleArn, RoleSessionName: name, SourceIdentity: sourceIdentity }),
  )
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
}

/** Delivers everything and reads the trail's bucket. */
export function trailRecords(account: Account): readonly LogRecord[] {
  account.deliverAll()
  return account.parts.store
    .list(buckets.trail, '')
    .flatMap((object) => JSON.parse(gunzipSync(account.parts.store.get(buckets.trail, object.key)).toString()).Records)
}

/** Delivers everything and reads the invocation log's batches below a prefix. */
export function invocationRecords(account: Account, prefix = ''): readonly LogRecord[] {
  account.deliverAll()
  return account.parts.store
    .list(buckets.invocations, prefix)
    .filter((object) => !object.key.includes('/data/') && object.bytes > 0 && object.key.endsWith('.json.gz'))
    .flatMap((object) =>
      gunzipSync(account.parts.store.get(buckets.invocations, object.key))
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
}

/** An Anthropic Messages body for InvokeModel. */
export function invokeBody(text: string, maxTokens = 300, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: text }],
    ...more,
  })
}
