import { createServer } from 'node:http'
import { trailArn } from '../../simulator/src/account/cloudtrail-service.ts'
import { bucket, hourMs } from '../fakes/digest-tree.ts'
import { benchShape, benchTree } from './digest-tree-of.ts'

// The least that S3 and CloudTrail can do, in a process of its own: objects out of memory, no signature is checked.

const [hours = '1', from = '0'] = process.argv.slice(2)
const { tree, key } = benchTree(Number(hours), Number(from))
const keys = [...tree.objects.keys()].sort()
const modified = new Date().toUTCString()

function list(url: URL): string {
  const after =
    url.searchParams.get('continuation-token') ??
    url.searchParams.get('start-after') ??
    url.searchParams.get('marker') ??
    ''
  const prefix = url.searchParams.get('prefix') ?? ''
  const found = keys.filter((one) => one > after && one.startsWith(prefix))
  const page = found.slice(0, 1_000)
  const contents = page.map((one) => {
    const size = tree.get(one).body.length
    return `<Contents><Key>${one}</Key><LastModified>2026-11-24T00:00:00.000Z</LastModified><ETag>"0"</ETag><Size>${size}</Size></Contents>`
  })
  const more = found.length > page.length
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><MaxKeys>1000</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`
}

const publicKeys = JSON.stringify({
  PublicKeyList: [
    {
      Value: key.der.toString('base64'),
      ValidityStartTime: Number(from) / 1_000,
      ValidityEndTime: (Number(from) + (Number(hours) + 48) * hourMs) / 1_000,
      Fingerprint: key.fingerprint,
    },
  ],
})

const trails = JSON.stringify({
  trailList: [{ TrailARN: trailArn(benchShape.region), S3BucketName: bucket, IsOrganizationTrail: false }],
})

const server = createServer({ noDelay: true }, (request, response) => {
  const url = new URL(request.url ?? '/', 'http://s3')
  request.resume()
  if (request.method === 'POST')
    return void response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(String(request.headers['x-amz-target']).endsWith('DescribeTrails') ? trails : publicKeys)
  const object = url.pathname.split('/').slice(2).join('/')
  if (object === '') {
    const body = url.searchParams.has('location')
      ? '<?xml version="1.0"?><LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
      : list(url)
    return void response.writeHead(200, { 'content-type': 'application/xml' }).end(body)
  }
  const found = tree.objects.get(decodeURIComponent(object))
  if (found === undefined) return void response.writeHead(404).end()
  const metadata = Object.entries(found.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
  response
    .writeHead(200, {
      ...Object.fromEntries(metadata),
      'content-type': 'binary/octet-stream',
      'content-length': found.body.length,
      'last-modified': modified,
      etag: '"0"',
    })
    .end(found.body)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.once('disconnect', () => process.exit(0))
