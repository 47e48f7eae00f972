import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { readNamedFile } from '../../platform/files.ts'

/** Files in PEM form; they are read again every minute, so that a renewed certificate needs no restart. */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Whose client certificates are asked for and verified; a client without one may still send a token. */
  readonly clientCaFile?: string | undefined
}

/** Speaks TLS on connections that something else accepts. */
export interface TlsSide {
  accept(socket: Socket): void
  close(): void
}

const readEveryMs = 60_000
const handshakeWithinMs = 15_000

/** TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN. Throws FILE_UNREADABLE, CONFIG_INVALID. */
export async function createTlsSide(
  files: TlsFiles,
  opened: (socket: TLSSocket, isHttp2: boolean) => void,
): Promise<TlsSide> {
  let material = await readMaterial(files)
  const server = createServer({
    ...material,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: handshakeWithinMs,
    requestCert: files.clientCaFile !== undefined,
    rejectUnauthorized: false,
  })
  server.on('secureConnection', (socket) => opened(socket, socket.alpnProtocol === 'h2'))
  server.on('tlsClientError', (_cause, socket) => socket.destroy())
  const timer = setInterval(() => {
    void readMaterial(files)
      .then((now) => {
        const same = now.cert.equals(material.cert) && now.key.equals(material.key)
        if (same && now.ca?.equals(material.ca ?? now.ca) !== false) return
        material = now
        server.setSecureContext(now)
      })
      // A file that is half written is read again in a minute; until then what was good is used.
      .catch(() => undefined)
  }, readEveryMs)
  timer.unref()
  return { accept: (socket) => void server.emit('connection', socket), close: () => clearInterval(timer) }
}

interface Material {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

async function readMaterial(files: TlsFiles): Promise<Material> {
  const [cert, key] = await Promise.all([readNamedFile(files.certFile), readNamedFile(files.keyFile)])
  return { cert, key, ...(files.clientCaFile === undefined ? {} : { ca: await readNamedFile(files.clientCaFile) }) }
}
