import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readNotification } from './object-notification.ts'

const s3Event = (key: string, eventName = 'ObjectCreated:Put') => ({
  Records: [{ eventName, s3: { bucket: { name: 'logs' }, object: { key, size: 12, eTag: 'e1' } } }],
})
const objects = [{ bucket: 'logs', key: 'AWSLogs/a b.json.gz', bytes: 12, version: 'e1' }]

test('the forms in which AWS names a new object say the same', () => {
  const direct = JSON.stringify(s3Event('AWSLogs/a+b.json.gz'))
  expect(readNotification(direct)).toEqual({ kind: 'objects', objects })
  expect(readNotification(JSON.stringify({ Type: 'Notification', Message: direct }))).toEqual({
    kind: 'objects',
    objects,
  })
  const bridge = {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: 'logs' }, object: { key: 'AWSLogs/a b.json.gz', size: 12, etag: 'e1' } },
  }
  expect(readNotification(JSON.stringify(bridge))).toEqual({ kind: 'objects', objects })
  const trail = { s3Bucket: 'logs', s3ObjectKey: ['AWSLogs/a b.json.gz'] }
  expect(readNotification(JSON.stringify(trail))).toEqual({
    kind: 'objects',
    objects: [{ bucket: 'logs', key: 'AWSLogs/a b.json.gz', bytes: undefined, version: '' }],
  })
})

test('a test message and a deletion are no news; what cannot be read is said to be so', () => {
  expect(readNotification(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' }))).toEqual({ kind: 'other' })
  expect(readNotification(JSON.stringify(s3Event('a', 'ObjectRemoved:Delete')))).toEqual({ kind: 'other' })
  for (const body of ['', 'hello', '{}', '[]', JSON.stringify(s3Event('%zz'))])
    expect(readNotification(body)).toEqual({ kind: 'unreadable' })
})

test('whatever a message holds, reading it never throws', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readNotification(body)))
})
