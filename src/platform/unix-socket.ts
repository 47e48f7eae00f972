import { createHash } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { errnoOf, TriptychError } from './triptych-error.ts'

/** The longest path a Unix socket may have on every system we run on (sockaddr_un, macOS: 104 with the terminator). */
const longestSocketPath = 100

/** The socket `name` of a directory; where that path is too long, one in the temporary directory that belongs to it alone. */
export function socketPathFor(dir: string, name: string): string {
  const path = join(dir, name)
  if (Buffer.byteLength(path) <= longestSocketPath) return path
  const short = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(tmpdir(), `triptych-${userInfo().uid}-${short}.sock`)
}

/**
 * Listens on a Unix socket that only its owner may use. A socket that a dead process left behind is taken over; one that answers
 * means that somebody else owns the directory: DATA_DIR_LOCKED.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await listen(server, path)
  } catch (cause) {
    if (errnoOf(cause) !== 'EADDRINUSE')
      throw new TriptychError(
        'LISTEN_FAILED',
        { setting: 'dataDir', address: path, reason: errnoOf(cause) ?? 'unknown' },
        cause,
      )
    if (await answers(path)) throw new TriptychError('DATA_DIR_LOCKED', { path })
    await rm(path, { force: true })
    await listen(server, path)
  }
  await chmod(path, 0o600)
}

/** A directory that is this process's own until it is released. */
export interface ClaimedDirectory {
  release(): Promise<void>
}

/** Holds a directory for this process: a socket that does nothing but exist. Throws DATA_DIR_LOCKED. */
export async function claimDirectory(dir: string): Promise<ClaimedDirectory> {
  const server = createServer((socket) => socket.destroy())
  server.unref()
  await listenOnSocket(server, socketPathFor(dir, 'owner.sock'))
  return { release: () => new Promise((resolve) => server.close(() => resolve())) }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Whether anybody accepts connections there. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
