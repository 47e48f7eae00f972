import type { ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { AwsError } from './aws-error.ts'
import type { WireRequest } from './canonical-request.ts'
import { inByteOrder, type ObjectStore } from './object-store.ts'

const notImplemented = 'A header or query you provided implies functionality that is not implemented.'
const mostKeys = 1000

/**
 * S3, path style: ListObjects in both versions, GetBucketLocation, GetObject (with Range), HeadObject, PutObject (with
 * If-None-Match), user metadata (Amazon S3 API reference).
 */
export function handleS3(request: WireRequest, store: ObjectStore, response: ServerResponse, requestId: string): void {
  response.setHeader('x-amz-request-id', requestId)
  const url = new URL(request.url, 'http://s3')
  const [, bucket = '', ...rest] = url.pathname.split('/')
  const key = rest.map(decodeURIComponent).join('/')
  if (request.method === 'GET' && key === '' && url.searchParams.has('location')) locate(bucket, store, response)
  else if (request.method === 'GET' && key === '') list(url, bucket, store, response)
  else if ((request.method === 'GET' || request.method === 'HEAD') && key !== '')
    get(request, bucket, key, store, response)
  else if (request.method === 'PUT' && key !== '') {
    if (request.headers['if-none-match'] !== undefined) mustBeNew(request.headers['if-none-match'], bucket, key, store)
    response.writeHead(200, { etag: store.put(bucket, key, checkedBody(request), metadataOf(request)) }).end()
  } else throw new AwsError(501, 'NotImplemented', notImplemented)
}

/** An S3 error, in XML. */
export function answerS3Error(error: AwsError, response: ServerResponse, requestId: string): void {
  response
    .writeHead(error.status, { 'content-type': 'application/xml', 'x-amz-request-id': requestId })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
    )
}

function list(url: URL, bucket: string, store: ObjectStore, response: ServerResponse): void {
  const delimiter = url.searchParams.get('delimiter') ?? ''
  const asked = Number(url.searchParams.get('max-keys') ?? mostKeys)
  if (!Number.isInteger(asked) || asked < 0)
    throw new AwsError(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range')
  const most = Math.min(asked, mostKeys)
  const second = url.searchParams.get('list-type') === '2'
  const after =
    (second
      ? (url.searchParams.get('continuation-token') ?? url.searchParams.get('start-after'))
      : url.searchParams.get('marker')) ?? ''
  const prefix = url.searchParams.get('prefix') ?? ''
  const found = grouped(store.keys(bucket, prefix), prefix, delimiter).filter((name) => inByteOrder(name, after) > 0)
  const page = found.slice(0, most)
  const more = most > 0 && found.length > page.length
  const isFolder = (name: string) => delimiter !== '' && name.endsWith(delimiter) && name !== prefix
  const folders = page
    .filter(isFolder)
    .map((name) => `<CommonPrefixes><Prefix>${escapeXml(name)}</Prefix></CommonPrefixes>`)
  const contents = page
    .filter((name) => !isFolder(name))
    .map((key) => store.head(bucket, key))
    .map(
      (object) =>
        `<Contents><Key>${escapeXml(object.key)}</Key><LastModified>${object.modifiedAt.toISOString()}</LastModified><ETag>${escapeXml(object.etag)}</ETag><Size>${object.bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    )
  const last = escapeXml(page.at(-1) ?? '')
  // The first version goes on from the last key by itself; the second counts and gives a token.
  const own = second
    ? `<KeyCount>${page.length}</KeyCount>${more ? `<NextContinuationToken>${last}</NextContinuationToken>` : ''}`
    : `<Marker>${escapeXml(after)}</Marker>`
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix>${own}<MaxKeys>${most}</MaxKeys><IsTruncated>${more}</IsTruncated>${contents.join('')}${folders.join('')}</ListBucketResult>`,
    )
}

/** Keys, those behind a delimiter rolled up into one name that ends with it. */
function grouped(keys: readonly string[], prefix: string, delimiter: string): readonly string[] {
  if (delimiter === '') return keys
  const names = keys.map((key) => {
    const at = key.indexOf(delimiter, prefix.length)
    return at === -1 ? key : key.slice(0, at + delimiter.length)
  })
  return [...new Set(names)]
}

/** Buckets lie in the first region, whose constraint is empty. */
function locate(bucket: string, store: ObjectStore, response: ServerResponse): void {
  store.keys(bucket, '\0')
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>',
    )
}

const metadataPrefix = 'x-amz-meta-'

function metadataOf(request: WireRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name.startsWith(metadataPrefix))
      .map(([name, value]) => [name.slice(metadataPrefix.length), String(value)]),
  )
}

function get(request: WireRequest, bucket: string, key: string, store: ObjectStore, response: ServerResponse): void {
  const { etag, modifiedAt } = store.head(bucket, key)
  const body = store.get(bucket, key)
  const metadata = Object.entries(store.metadata(bucket, key)).map(([name, value]) => [metadataPrefix + name, value])
  const headers = {
    ...Object.fromEntries(metadata),
    etag,
    'content-type': 'binary/octet-stream',
    'accept-ranges': 'bytes',
    'last-modified': modifiedAt.toUTCString(),
  }
  const range = rangeOf(String(request.headers['range'] ?? ''), body.length)
  const part = range === undefined ? body : body.subarray(range.from, range.to + 1)
  response
    .writeHead(range === undefined ? 200 : 206, {
      ...headers,
      'content-length': String(part.length),
      ...(range === undefined ? {} : { 'content-range': `bytes ${range.from}-${range.to}/${body.length}` }),
    })
    .end(request.method === 'HEAD' ? undefined : part)
}

/** A put on condition: `*` alone is known for puts, as in AWS. */
function mustBeNew(condition: unknown, bucket: string, key: string, store: ObjectStore): void {
  if (condition !== '*') throw new AwsError(501, 'NotImplemented', notImplemented)
  if (store.has(bucket, key))
    throw new AwsError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
}

/** `bytes=2-4`, `bytes=2-`, `bytes=-4`; anything else asks for the whole. */
function rangeOf(header: string, size: number): { readonly from: number; readonly to: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (from >= size || from > to) throw new AwsError(416, 'InvalidRange', 'The requested range is not satisfiable')
  return { from, to }
}

/** The body of a put, out of its chunks, when it has the checksum that its header or trailer says. */
function checkedBody(request: WireRequest): Buffer {
  const { body, trailer } = unchunked(request)
  const declared = String(
    request.headers['x-amz-checksum-crc32'] ?? /x-amz-checksum-crc32:\s*([^\r\n]+)/i.exec(trailer)?.[1] ?? '',
  )
  if (declared === '') return body
  const actual = Buffer.alloc(4)
  actual.writeUInt32BE(crc32(body))
  if (declared !== actual.toString('base64'))
    throw new AwsError(400, 'BadDigest', 'The CRC32 you specified did not match the calculated checksum.')
  return body
}

/** The SDK may send a body in chunks: `<hex size>[;…]\r\n<bytes>\r\n`, trailers at the end. */
function unchunked(request: WireRequest): { readonly body: Buffer; readonly trailer: string } {
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked'))
    return { body: request.body, trailer: '' }
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = request.body.indexOf('\r\n', at)
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(request.body.toString('latin1', at, lineEnd), 16)
    if (!Number.isInteger(size))
      throw new AwsError(400, 'IncompleteBody', 'The request body is not what its encoding says.')
    if (size === 0) return { body: Buffer.concat(parts), trailer: request.body.toString('latin1', lineEnd + 2) }
    parts.push(request.body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
