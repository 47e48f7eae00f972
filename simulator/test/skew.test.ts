import { BedrockClient, ListInferenceProfilesCommand } from '@aws-sdk/client-bedrock'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { accessKeys, buckets } from '../src/account/estate.ts'
import { testAccount } from './kit.ts'

test('clients correct their clock by the account’s and go on, whichever service they speak to', async () => {
  const stand = await testAccount()
  const dayMs = 86_400_000
  for (const offset of [-dayMs, -8 * 60_000, 0, 20 * 60_000, 3 * dayMs]) {
    stand.account.parts.clock.set(Date.now() + offset)
    const options = { region: 'us-east-1', endpoint: stand.account.url, credentials: accessKeys.gateway }
    const s3 = new S3Client({ ...options, forcePathStyle: true })
    const answers = [
      await s3.send(new ListObjectsV2Command({ Bucket: buckets.trail })).catch((cause: unknown) => cause),
      await new STSClient(options).send(new GetCallerIdentityCommand({})).catch((cause: unknown) => cause),
      await new BedrockClient(options).send(new ListInferenceProfilesCommand({})).catch((cause: unknown) => cause),
    ]
    for (const answer of answers)
      expect.soft(answer instanceof Error ? `${offset} ${answer.name} ${answer.message}` : 'ok').toBe('ok')
  }
  await stand.close()
})
