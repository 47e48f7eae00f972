import { createMiddleware } from 'hono/factory'
import { TriptychError } from '../../platform/triptych-error.ts'

/** Under which addresses the console may be opened. */
export interface Origins {
  /** As it stands in `Host`, lower case. */
  readonly hosts: ReadonlySet<string>
  /** As it stands in `Origin`. */
  readonly origins: ReadonlySet<string>
}

/** The addresses of a listener on this machine, or the one public address that stands before it. */
export function originsOf(host: string, port: number, publicUrl: string | undefined): Origins {
  if (publicUrl !== undefined) {
    const { host: publicHost, origin } = new URL(publicUrl)
    return { hosts: new Set([publicHost]), origins: new Set([origin]) }
  }
  const names = [host.includes(':') ? `[${host}]` : host, '127.0.0.1', 'localhost', '[::1]'].map((name) =>
    name.toLowerCase(),
  )
  // Browsers leave the port out where it is the usual one.
  const hosts = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
  return { hosts: new Set(hosts), origins: new Set(hosts.map((host) => `http://${host}`)) }
}

const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Only the console itself may ask. A foreign `Host` is a rebound name (DNS rebinding); what changes something must carry a header
 * that no form and no foreign page can send without a preflight, which nobody answers. Throws REQUEST_REFUSED.
 */
export function guard(allowed: Origins) {
  return createMiddleware(async (context, next) => {
    const header = (name: string) => context.req.header(name)?.toLowerCase()
    if (!allowed.hosts.has(header('host') ?? '')) throw refused('host')
    const origin = header('origin')
    if (origin !== undefined && !allowed.origins.has(origin)) throw refused('origin')
    if (!harmless.has(context.req.method)) {
      const site = header('sec-fetch-site')
      if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refused('sec-fetch-site')
      if (header('x-triptych-csrf') !== '1') throw refused('x-triptych-csrf')
    }
    await next()
  })
}

function refused(header: string): TriptychError {
  return new TriptychError('REQUEST_REFUSED', { header })
}
