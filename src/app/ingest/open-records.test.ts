import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ObjectSource } from '../../platform/objects/object-source.ts'
import { isSeparateBody, openRecords, readSeparateBody } from './open-records.ts'

const records = ['{"requestId":"a","n":1}', '{"requestId":"b","text":"line\\nbreak }{ \\" ä"}']

async function read(bytes: Buffer) {
  const opened = openRecords(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]))
  const found: string[] = []
  for await (const record of opened.records)
    found.push(record.kind === 'record' ? record.bytes.toString() : record.code)
  return found
}

test('records come out alike from lines, a list, an envelope, and gz of each', async () => {
  for (const text of [records.join('\n'), `[${records.join(',')}]`, `{"Records":[${records.join(' , ')}]}`]) {
    expect(await read(Buffer.from(text))).toEqual(records)
    expect(await read(gzipSync(text))).toEqual(records)
  }
})

test('a body of its own is fetched only from within the configured place', async () => {
  const asked: string[] = []
  const source = (origin: string): ObjectSource => ({
    origin,
    list: () => Readable.from([]),
    async open(key) {
      asked.push(key)
      return Readable.from([gzipSync('{"body":1}')])
    },
  })
  const path = 's3://logs/AWSLogs/1/data/x_input.json.gz'
  expect((await readSeparateBody(source('s3://logs/AWSLogs/'), path))?.toString()).toBe('{"body":1}')
  expect((await readSeparateBody(source('/var/copy'), path))?.toString()).toBe('{"body":1}')
  expect(await readSeparateBody(source('s3://other/'), path)).toBeUndefined()
  expect(await readSeparateBody(source('s3://logs/elsewhere/'), path)).toBeUndefined()
  expect(await readSeparateBody(source('s3://logs/'), 'https://evil.example/x')).toBeUndefined()
  expect(asked).toEqual(['AWSLogs/1/data/x_input.json.gz', 'AWSLogs/1/data/x_input.json.gz'])
})

test('separate bodies and permission checks are no batches', () => {
  expect(isSeparateBody('AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/11/23/10/data/r_input.json.gz')).toBe(true)
  expect(isSeparateBody('AWSLogs/1/amazon-bedrock-logs-permission-check')).toBe(true)
  expect(
    isSeparateBody('AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/11/23/10/20261123T100000000Z_ab.json.gz'),
  ).toBe(false)
})
