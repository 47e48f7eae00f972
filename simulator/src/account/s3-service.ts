import type { ServerResponse } from 'node:http'
import { AwsError } from './aws-error.ts'
import { etagOf, type ObjectStore } from './object-store.ts'
import type { WireRequest } from './sigv4.ts'

/** S3, path style: ListObjectsV2, GetObject (with Range), HeadObject, PutObject (Amazon S3 API reference). */
export function handleS3(request: WireRequest, store: ObjectStore, response: ServerResponse): void {
  const url = new URL(request.url, 'http://s3')
  const [, bucket = '', ...rest] = url.pathname.split('/')
  const key = rest.map(decodeURIComponent).join('/')
  if (request.method === 'GET' && key === '') list(url, bucket, store, response)
  else if (request.method === 'GET' || request.method === 'HEAD') get(request, bucket, key, store, response)
  else if (request.method === 'PUT' && key !== '') {
    response.writeHead(200, { etag: store.put(bucket, key, unchunked(request)) }).end()
  } else
    throw new AwsError(
      501,
      'NotImplemented',
      'A header or query you provided implies functionality that is not implemented.',
    )
}

/** An S3 error, in XML. */
export function answerS3Error(error: AwsError, response: ServerResponse): void {
  response
    .writeHead(error.status, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error>`,
    )
}

function list(url: URL, bucket: string, store: ObjectStore, response: ServerResponse): void {
  const most = Math.min(Number(url.searchParams.get('max-keys') ?? 1000), 1000)
  const after = url.searchParams.get('continuation-token') ?? url.searchParams.get('start-after') ?? ''
  const prefix = url.searchParams.get('prefix') ?? ''
  const found = store.list(bucket, prefix).filter((object) => object.key > after)
  const page = found.slice(0, most)
  const more = found.length > page.length
  const contents = page.map(
    (object) =>
      `<Contents><Key>${escapeXml(object.key)}</Key><LastModified>${object.modifiedAt.toISOString()}</LastModified><ETag>${escapeXml(object.etag)}</ETag><Size>${object.bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  const next = more ? `<NextContinuationToken>${escapeXml(page.at(-1)?.key ?? '')}</NextContinuationToken>` : ''
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    )
}

function get(request: WireRequest, bucket: string, key: string, store: ObjectStore, response: ServerResponse): void {
  const body = store.get(bucket, key)
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers['range'] ?? '')) ?? []
  const headers = { etag: etagOf(body), 'content-type': 'binary/octet-stream', 'accept-ranges': 'bytes' }
  if (from !== undefined) {
    const end = to === '' || to === undefined ? body.length - 1 : Math.min(Number(to), body.length - 1)
    const part = body.subarray(Number(from), end + 1)
    response
      .writeHead(206, {
        ...headers,
        'content-length': String(part.length),
        'content-range': `bytes ${from}-${end}/${body.length}`,
      })
      .end(part)
    return
  }
  response
    .writeHead(200, { ...headers, 'content-length': String(body.length) })
    .end(request.method === 'HEAD' ? undefined : body)
}

/** The SDK may send a body in signed chunks: `<hex size>[;…]\r\n<bytes>\r\n`, trailers at the end. */
function unchunked(request: WireRequest): Buffer {
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return request.body
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = request.body.indexOf('\r\n', at)
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(request.body.toString('latin1', at, lineEnd), 16)
    if (!Number.isInteger(size))
      throw new AwsError(400, 'IncompleteBody', 'The request body is not what its encoding says.')
    if (size === 0) return Buffer.concat(parts)
    parts.push(request.body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
