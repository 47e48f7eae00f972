import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../clock.ts'
import { encodeKey, S3Signer } from './s3-signature.ts'

/** The bytes and metadata of an object; undefined when the SDK must be asked, which knows redirects, retries and errors. */
export type S3Get = (bucket: string, key: string) => Promise<IncomingMessage | undefined>

const timeoutMs = 30_000
/** So many answers that were no object, and the short way is left for good. */
const mostRefusals = 5

/**
 * Reads objects past the SDK, whose middleware takes more processor time than anything that is done with a small object. Endpoint
 * and credentials are those of the client; only a plain 200 counts.
 */
export function createS3Get(client: () => S3Client, clock: Clock, sockets: number): S3Get & { close(): void } {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: sockets }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: sockets }),
  }
  const signer = new S3Signer()
  const places = new Map<string, Promise<Place | undefined>>()
  let refusals = 0
  const get = async (bucket: string, key: string) => {
    if (refusals >= mostRefusals) return undefined
    const { config } = client()
    const place = places.get(bucket) ?? placeOf(client(), bucket).catch(() => undefined)
    places.set(bucket, place)
    const at = await place
    const identity = await config.credentials().catch(() => undefined)
    if (at === undefined || identity === undefined) return undefined
    const path = at.path + encodeKey(key)
    const { host, region } = at
    const headers = signer.sign({ host, path, region, at: clock.now() + config.systemClockOffset }, identity)
    const answer = await send(at, path, headers, agents[at.protocol]).catch(() => undefined)
    if (answer?.statusCode === 200) {
      refusals = 0
      return answer
    }
    answer?.resume()
    // An object that is not there is no refusal.
    if (answer?.statusCode !== 404) refusals += 1
    return undefined
  }
  return Object.assign(get, {
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  })
}

/** Where the objects of a bucket are read. */
interface Place {
  readonly protocol: 'http:' | 'https:'
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly region: string
  /** What stands before an object's key, with a slash at its end. */
  readonly path: string
}

/** The SDK's own rules say where a bucket is; undefined for those that sign otherwise, such as directory buckets. */
async function placeOf({ config }: S3Client, bucket: string): Promise<Place | undefined> {
  const own = await config.endpoint?.()
  const port = own?.port === undefined ? '' : `:${own.port}`
  const { url, properties } = config.endpointProvider({
    Bucket: bucket,
    Region: await config.region(),
    ForcePathStyle: config.forcePathStyle === true,
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
    ...(own === undefined ? {} : { Endpoint: `${own.protocol}//${own.hostname}${port}${own.path}` }),
  })
  const scheme = properties?.['authSchemes']
  const region = Array.isArray(scheme) ? regionOf(scheme[0]) : undefined
  const { protocol, host, port: to, pathname } = url
  // An address in brackets is one only in a URL.
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  if (region === undefined || (protocol !== 'http:' && protocol !== 'https:')) return undefined
  return { protocol, host, hostname, port: to, region, path: pathname.endsWith('/') ? pathname : `${pathname}/` }
}

function regionOf(scheme: unknown): string | undefined {
  if (typeof scheme !== 'object' || scheme === null || !('name' in scheme) || scheme.name !== 'sigv4') return undefined
  return 'signingRegion' in scheme && typeof scheme.signingRegion === 'string' ? scheme.signingRegion : undefined
}

function send(
  { protocol, hostname, port }: Place,
  path: string,
  headers: Readonly<Record<string, string>>,
  agent: HttpAgent | HttpsAgent,
): Promise<IncomingMessage> {
  const request = protocol === 'http:' ? requestHttp : requestHttps
  return new Promise((resolve, reject) => {
    const sent = request({ protocol, hostname, port, path, headers, agent, timeout: timeoutMs }, resolve)
    sent.once('timeout', () => sent.destroy())
    sent.once('error', reject)
    sent.end()
  })
}
