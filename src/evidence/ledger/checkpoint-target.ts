import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { ensureWritableDir, writeFileAtomic } from '../../platform/files.ts'
import { errnoOf, TriptychError } from '../../platform/triptych-error.ts'

/** A place outside where checkpoints are kept. Both methods throw LEDGER_UNPUBLISHED. */
export interface CheckpointTarget {
  readonly kind: 'directory' | 's3' | 'https'
  readonly address: string
  /** What stands under a name; undefined for nothing, or where reading is not offered. */
  read(name: string): Promise<string | undefined>
  write(name: string, note: string): Promise<void>
}

/** A directory: another disk, a mounted share, a medium that is carried away. */
export function directoryTarget(path: string): CheckpointTarget {
  return {
    kind: 'directory',
    address: path,
    read: (name) =>
      readFile(join(path, name), 'utf8').catch((cause: unknown) => {
        if (errnoOf(cause) === 'ENOENT') return undefined
        throw unpublished('directory', errnoOf(cause), cause)
      }),
    async write(name, note) {
      try {
        await ensureWritableDir(dirname(join(path, name)))
        await writeFileAtomic(join(path, name), note, 0o644)
      } catch (cause) {
        throw unpublished('directory', errnoOf(cause), cause)
      }
    },
  }
}

/** A bucket and prefix, best one of another account with Object Lock. */
export function s3Target(client: () => S3Client, url: string): CheckpointTarget {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? []
  const keyOf = (name: string) => (path === '' || path.endsWith('/') ? `${path}${name}` : `${path}/${name}`)
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
    async write(name, note) {
      await client()
        .send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: keyOf(name),
            Body: note,
            ContentType: 'text/plain; charset=utf-8',
          }),
        )
        .catch((cause: unknown) => {
          throw unpublished('s3', nameOf(cause), cause)
        })
    },
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
  return {
    kind: 'https',
    address: url,
    async read(name) {
      const { status, text } = await send(name, {})
      if (status === 403 || status === 404 || status === 405) return undefined
      if (status !== 200) throw unpublished('https', `status ${status}`)
      return text
    },
    async write(name, note) {
      const headers = { 'content-type': 'text/plain; charset=utf-8' }
      const { status } = await send(name, { method: 'PUT', body: note, headers })
      if (status < 200 || status > 299) throw unpublished('https', `status ${status}`)
    },
  }
}

function unpublished(kind: string, reason: string | undefined, cause?: unknown): TriptychError {
  return new TriptychError('LEDGER_UNPUBLISHED', { kind, reason: reason ?? 'unknown' }, cause)
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : 'unknown'
}
