// The part of S3 that a log reader and an archive need, path-style.
import type { Arrival, Reply } from './arrival.ts'
import { decodeAwsChunked } from './aws-chunked.ts'
import { AwsError } from './aws-error.ts'
import { encodeRfc3986 } from './canonical-request.ts'
import { accountId } from './estate.ts'
import type { ObjectStore, StoredObject } from './object-store.ts'
import { listPage } from './s3-listing.ts'
import { element, wrap, xmlDeclaration } from './xml.ts'

const namespace = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const xmlReply = (inner: string): Reply => ({ status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDeclaration + inner })

function listBuckets(store: ObjectStore): Reply {
  const list = store.buckets().map((name) => wrap('Bucket', element('Name', name) + element('CreationDate', '2026-01-01T00:00:00.000Z')))
  const owner = wrap('Owner', element('ID', accountId))
  return xmlReply(wrap('ListAllMyBucketsResult', owner + wrap('Buckets', list.join('')), namespace))
}

function contents(entry: StoredObject, encode: (text: string) => string): string {
  return wrap(
    'Contents',
    element('Key', encode(entry.key)) +
      element('LastModified', new Date(entry.lastModified).toISOString()) +
      element('ETag', `"${entry.etag}"`) +
      element('Size', entry.size) +
      element('StorageClass', 'STANDARD'),
  )
}

function list(store: ObjectStore, bucket: string, query: URLSearchParams): Reply {
  const url = query.get('encoding-type') === 'url'
  const encode = (text: string): string => (url ? encodeRfc3986(text).replaceAll('%2F', '/') : text)
  const token = query.get('continuation-token')
  const startAfter = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString()
  const request = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    startAfter,
    maxKeys: Math.min(1000, Number(query.get('max-keys') ?? '1000')),
  }
  const page = listPage(store, bucket, request)
  const next = page.next === undefined ? '' : element('NextContinuationToken', Buffer.from(page.next).toString('base64url'))
  const body =
    element('Name', bucket) +
    element('Prefix', encode(request.prefix)) +
    (request.delimiter === '' ? '' : element('Delimiter', encode(request.delimiter))) +
    element('MaxKeys', request.maxKeys) +
    (url ? element('EncodingType', 'url') : '') +
    element('KeyCount', page.objects.length + page.commonPrefixes.length) +
    element('IsTruncated', page.next !== undefined) +
    next +
    page.objects.map((entry) => contents(entry, encode)).join('') +
    page.commonPrefixes.map((prefix) => wrap('CommonPrefixes', element('Prefix', encode(prefix)))).join('')
  return xmlReply(wrap('ListBucketResult', body, namespace))
}

function objectHeaders(entry: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {
    etag: `"${entry.etag}"`,
    'last-modified': new Date(entry.lastModified).toUTCString(),
    'content-type': entry.contentType,
    'accept-ranges': 'bytes',
  }
  for (const [name, value] of Object.entries(entry.metadata)) headers[`x-amz-meta-${name}`] = value
  return headers
}

function rangeOf(header: string | undefined, size: number): { from: number; to: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const from = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const to = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]))
  if (from > to) throw new AwsError('InvalidRange', 416, 'The requested range is not satisfiable')
  return { from, to }
}

function read(store: ObjectStore, bucket: string, key: string, arrival: Arrival): Reply {
  const entry = store.head(bucket, key)
  if (entry === undefined) throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.')
  const headers = objectHeaders(entry)
  if (arrival.method === 'HEAD') return { status: 200, headers: { ...headers, 'content-length': String(entry.size) }, body: '' }
  const bytes = store.get(bucket, key) ?? Buffer.alloc(0)
  const range = rangeOf(arrival.headers.get('range'), entry.size)
  if (range === undefined) return { status: 200, headers, body: bytes }
  const contentRange = `bytes ${range.from}-${range.to}/${entry.size}`
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body: bytes.subarray(range.from, range.to + 1) }
}

function checkConditions(store: ObjectStore, bucket: string, key: string, arrival: Arrival): void {
  const entry = store.head(bucket, key)
  const wanted = arrival.headers.get('if-match')
  const refused = arrival.headers.get('if-none-match') === '*' && entry !== undefined
  if (refused || (wanted !== undefined && wanted.replaceAll('"', '') !== entry?.etag)) {
    throw new AwsError('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold')
  }
}

function write(store: ObjectStore, bucket: string, key: string, arrival: Arrival): Reply {
  checkConditions(store, bucket, key, arrival)
  const chunked = (arrival.headers.get('x-amz-content-sha256') ?? '').startsWith('STREAMING-')
  const bytes = chunked ? decodeAwsChunked(arrival.body) : arrival.body
  const metadata: Record<string, string> = {}
  for (const [name, value] of arrival.headers) if (name.startsWith('x-amz-meta-')) metadata[name.slice(11)] = value
  const entry = store.put(bucket, key, bytes, arrival.at, {
    contentType: arrival.headers.get('content-type') ?? 'application/octet-stream',
    metadata,
  })
  return { status: 200, headers: { etag: `"${entry.etag}"` }, body: '' }
}

/** The S3 action a request asks for, for IAM. */
export function s3Action(arrival: Arrival): string {
  const key = arrival.rawPath.split('/').slice(2).join('/')
  if (key === '') return 's3:ListBucket'
  return { PUT: 's3:PutObject', DELETE: 's3:DeleteObject' }[arrival.method] ?? 's3:GetObject'
}

/** Answers one S3 request. */
export function answerS3(store: ObjectStore, arrival: Arrival): Reply {
  const [, bucket = '', ...rest] = arrival.rawPath.split('/')
  if (bucket === '') return listBuckets(store)
  const key = decodeURIComponent(rest.join('/'))
  if (key === '') {
    if (arrival.method === 'HEAD') {
      store.keys(bucket)
      return { status: 200, headers: {}, body: '' }
    }
    return list(store, bucket, arrival.query)
  }
  if (arrival.method === 'PUT') return write(store, bucket, key, arrival)
  if (arrival.method === 'DELETE') {
    store.delete(bucket, key)
    return { status: 204, headers: {}, body: '' }
  }
  if (arrival.method === 'GET' || arrival.method === 'HEAD') return read(store, bucket, key, arrival)
  throw new AwsError('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.')
}
