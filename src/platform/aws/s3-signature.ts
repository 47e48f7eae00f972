import { createHmac, hash } from 'node:crypto'

// Signature Version 4 of a GET without a body (AWS IAM user guide, "Create a signed AWS API request"; S3 encodes a path once).

/** Who signs. */
export interface SigningIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** What is to be read. */
export interface GetRequest {
  readonly host: string
  /** Encoded, without a query. */
  readonly path: string
  readonly region: string
  /** ms */
  readonly at: number
}

const emptyBody = hash('sha256', '')

/** Signs GETs, keeping the key of the day: of what a signature costs that is most. */
export class S3Signer {
  #dateOf = 0
  #date = ''
  #derivedFor = ''
  #derived: Buffer = Buffer.alloc(0)

  /** The headers to send. */
  sign(request: GetRequest, identity: SigningIdentity): Record<string, string> {
    const date = this.#dateAt(request.at)
    const scope = `${date.slice(0, 8)}/${request.region}/s3/aws4_request`
    const headers: Record<string, string> = {
      host: request.host,
      'x-amz-content-sha256': emptyBody,
      'x-amz-date': date,
      ...(identity.sessionToken === undefined ? {} : { 'x-amz-security-token': identity.sessionToken }),
    }
    // Put down in alphabetical order, as they are signed.
    const names = Object.keys(headers)
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
    const signed = names.join(';')
    const canonical = `GET\n${request.path}\n\n${lines}\n${signed}\n${emptyBody}`
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical)}`
    const signature = createHmac('sha256', this.#keyOf(scope, identity)).update(toSign).digest('hex')
    const authorization = `AWS4-HMAC-SHA256 Credential=${identity.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
    return { ...headers, authorization }
  }

  #dateAt(at: number): string {
    const second = Math.floor(at / 1000)
    if (second !== this.#dateOf) this.#date = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
    this.#dateOf = second
    return this.#date
  }

  #keyOf(scope: string, { secretAccessKey }: SigningIdentity): Buffer {
    const name = `${scope} ${secretAccessKey}`
    if (this.#derivedFor === name) return this.#derived
    const parts = scope.split('/')
    let key = Buffer.from(`AWS4${secretAccessKey}`)
    for (const part of parts) key = createHmac('sha256', key).update(part).digest()
    this.#derivedFor = name
    this.#derived = key
    return key
  }
}

const needsNoCode = /^[A-Za-z0-9/._~-]*$/

/** A key as a path: every segment encoded, slashes kept. */
export function encodeKey(key: string): string {
  if (needsNoCode.test(key)) return key
  return key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/')
}
