import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { createFile, ensureWritableDir, writeFileAtomic } from '../../platform/files.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'

/** A place outside where checkpoints are kept. All methods throw LEDGER_UNPUBLISHED. */
export interface CheckpointTarget {
  readonly kind: 'directory' | 's3' | 'https'
  readonly address: string
  /** What stands under a name; undefined for nothing, or where reading is not offered. */
  read(name: string): Promise<string | undefined>
  write(name: string, note: string): Promise<void>
  /** Writes what is not there yet; false, and nothing is overwritten, when something stands under the name, readable or not. */
  create(name: string, note: string): Promise<boolean>
}

const contentType = 'text/plain; charset=utf-8'

/** A directory: another disk, a mounted share, a medium that is carried away. */
export function directoryTarget(path: string): CheckpointTarget {
  const prepared = async <T>(name: string, write: (file: string) => Promise<T>): Promise<T> => {
    try {
      await ensureWritableDir(dirname(join(path, name)))
      return await write(join(path, name))
    } catch (cause) {
      throw unpublished('directory', errnoOf(cause), cause)
    }
  }
  return {
    kind: 'directory',
    address: path,
    read: (name) =>
      readFile(join(path, name), 'utf8').catch((cause: unknown) => {
        if (errnoOf(cause) === 'ENOENT') return undefined
        throw unpublished('directory', errnoOf(cause), cause)
      }),
    write: (name, note) => prepared(name, (file) => writeFileAtomic(file, note, 0o644)),
    create: (name, note) => prepared(name, (file) => createFile(file, note, 0o644)),
  }
}

/** A bucket and prefix, best one of another account with Object Lock. */
export function s3Target(client: () => S3Client, url: string): CheckpointTarget {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  const keyOf = (name: string) => (path === '' || path.endsWith('/') ? `${path}${name}` : `${path}/${name}`)
  const put = async (name: string, note: string, condition: { IfNoneMatch?: '*' }): Promise<boolean> => {
    const object = { Bucket: bucket, Key: keyOf(name), Body: note, ContentType: contentType, ...condition }
    try {
      await client().send(new PutObjectCommand(object))
      return true
    } catch (cause) {
      if (nameOf(cause) === 'PreconditionFailed') return false
      throw unpublished('s3', nameOf(cause), cause)
    }
  }
  return {
    kind: 's3',
    address: url,
    async read(name) {
      try {
        const answer = await client().send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(name) }))
        return await answer.Body?.transformToString('utf8')
      } catch (cause) {
        // Without leave to list, S3 says AccessDenied of what is not there; and a place may take writes alone.
        if (nameOf(cause) === 'NoSuchKey' || nameOf(cause) === 'AccessDenied') return undefined
        throw unpublished('s3', nameOf(cause), cause)
      }
    },
    write: async (name, note) => void (await put(name, note, {})),
    create: (name, note) => put(name, note, { IfNoneMatch: '*' }),
  }
}

const timeoutMs = 10_000
const longestNote = 64 * 1024

/** An address that takes PUT; where it also answers GET, what it holds is held against the ledger first. Redirects are not followed. */
export function httpsTarget(url: string): CheckpointTarget {
  const base = url.endsWith('/') ? url.slice(0, -1) : url
  const send = async (name: string, init: RequestInit) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(`${base}/${name}`, { ...init, redirect: 'error', signal }).catch((cause: unknown) => {
      throw unpublished('https', nameOf(cause), cause)
    })
    const text = (await answer.text()).slice(0, longestNote)
    return { status: answer.status, text }
  }
  const put = async (name: string, note: string, condition: Record<string, string>): Promise<boolean> => {
    const headers = { 'content-type': contentType, ...condition }
    const { status } = await send(name, { method: 'PUT', body: note, headers })
    if (status === 412) return false
    if (status < 200 || status > 299) throw unpublished('https', `status ${status}`)
    return true
  }
  return {
    kind: 'https',
    address: url,
    async read(name) {
      const { status, text } = await send(name, {})
      if (status === 403 || status === 404 || status === 405) return undefined
      if (status !== 200) throw unpublished('https', `status ${status}`)
      return text
    },
    write: async (name, note) => void (await put(name, note, {})),
    create: (name, note) => put(name, note, { 'if-none-match': '*' }),
  }
}

function unpublished(kind: string, reason: string | undefined, cause?: unknown): TriptychError {
  return new TriptychError('LEDGER_UNPUBLISHED', { kind, reason: reason ?? 'unknown' }, cause)
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : 'unknown'
}
