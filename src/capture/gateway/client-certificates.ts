import { TriptychError } from '../../platform/triptych-error.ts'
import type { Principal } from '../../record/principal.ts'
import type { ClientCertificate } from './caller.ts'

/** How a verified client certificate becomes a principal. */
export interface CertificateRule {
  /** Which of its names is who it is. */
  readonly subjectFrom: 'cn' | 'email' | 'uri'
  /** Whether such callers are people or programs. */
  readonly kind: 'person' | 'service'
}

/** Who a certificate is; its organizational units are its groups. Throws CREDENTIAL_INVALID where it lacks the name. */
export function identifyByCertificate(certificate: ClientCertificate, rule: CertificateRule): Principal {
  const named = { cn: certificate.commonName, email: certificate.emails[0], uri: certificate.uris[0] }
  const subject = named[rule.subjectFrom]
  if (subject === undefined || subject === '' || subject.length > 512)
    throw new TriptychError('CREDENTIAL_INVALID', { kind: 'client_certificate', reason: `no ${rule.subjectFrom}` })
  return {
    kind: rule.kind,
    credential: 'client_certificate',
    issuer: `x509 ${certificate.issuer}`.slice(0, 512),
    subject,
    ...(certificate.emails[0] === undefined ? {} : { email: certificate.emails[0] }),
    groups: [...certificate.organizationalUnits],
  }
}
