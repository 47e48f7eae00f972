import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { PersonSession } from './sessions.ts'

/** A request about to be signed; the body's hash is part of the signature. */
export interface Signable {
  readonly method: 'GET' | 'POST'
  readonly endpoint: URL
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Hexadecimal; what the signature says of the body. */
  readonly bodySha256: string
  readonly region: string
  readonly at: number
}

/** The signing name of bedrock-runtime is `bedrock` (AWS Bedrock API reference). */
const service = 'bedrock'

/** Signs with Signature Version 4 as the person's session and returns all headers to send. */
export async function signRequest(request: Signable, session: PersonSession): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service, region: request.region, credentials: session, sha256: NodeSha256 })
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: request.endpoint.protocol,
      hostname: request.endpoint.hostname,
      path: request.path,
      query: { ...request.query },
      headers: {
        ...request.headers,
        host: request.endpoint.host,
        'content-length': String(request.body.length),
        'x-amz-content-sha256': request.bodySha256,
      },
      body: request.body,
    },
    { signingDate: new Date(request.at) },
  )
  return signed.headers
}

/** Node's SHA-256 in the shape the signer takes. */
class NodeSha256 {
  readonly #secret: Uint8Array | string | undefined
  #hash: Hash | Hmac

  constructor(secret?: unknown) {
    this.#secret = typeof secret === 'string' || secret instanceof Uint8Array ? secret : undefined
    this.#hash = this.#fresh()
  }

  update(chunk: Uint8Array | string): void {
    this.#hash.update(chunk)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#fresh()
  }

  #fresh(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}
