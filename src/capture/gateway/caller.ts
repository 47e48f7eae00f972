import type { IncomingHttpHeaders } from 'node:http'
import type { ClientRequest } from './client-connection.ts'

/** A client certificate that our certificate authority has signed, by what is used of it. */
export interface ClientCertificate {
  readonly commonName: string
  readonly organizationalUnits: readonly string[]
  /** `URI:` and `email:` names of subjectAltName (RFC 5280 §4.2.1.6). */
  readonly uris: readonly string[]
  readonly emails: readonly string[]
  readonly issuer: string
  /** SHA-256 of the certificate, hexadecimal in lower case. */
  readonly fingerprint: string
}

/** What a request shows of who sent it; nothing in it is believed yet, save that the certificate was verified by TLS. */
export interface Caller {
  readonly headers: IncomingHttpHeaders
  certificate(): ClientCertificate | undefined
}

/** The caller of a request. */
export function callerOf(request: ClientRequest): Caller {
  return { headers: request.headers, certificate: () => certificateOf(request) }
}

function certificateOf({ socket }: ClientRequest): ClientCertificate | undefined {
  if (socket.authorized !== true || socket.getPeerCertificate === undefined) return undefined
  const { subject, issuer, subjectaltname = '', fingerprint256 } = socket.getPeerCertificate()
  if (subject === undefined || fingerprint256 === undefined) return undefined
  const names = (prefix: string) =>
    subjectaltname.split(', ').flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
  return {
    commonName: oneOf(subject.CN)[0] ?? '',
    organizationalUnits: oneOf(subject.OU),
    uris: names('URI:'),
    emails: names('email:'),
    issuer: oneOf(issuer?.CN)[0] ?? '',
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

function oneOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
