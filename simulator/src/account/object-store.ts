import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { AwsError } from './aws-error.ts'

/** An object of a bucket. */
export interface StoredObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly modifiedAt: Date
}

/** Buckets as directories: `<root>/<bucket>/<key>`. */
export class ObjectStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  put(bucket: string, key: string, body: Buffer): string {
    const path = this.#path(bucket, key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, body)
    return etagOf(body)
  }

  get(bucket: string, key: string): Buffer {
    const path = this.#path(bucket, key)
    if (!existsSync(path) || !statSync(path).isFile())
      throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.')
    return readFileSync(path)
  }

  /** All objects under a prefix, in the order of their keys (UTF-8 bytes). */
  list(bucket: string, prefix: string): readonly StoredObject[] {
    const dir = join(this.#root, bucket)
    if (!existsSync(dir)) throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist')
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, key: relative(dir, path).split(sep).join('/') }))
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
      .map(({ path, key }) => {
        const found = statSync(path)
        return {
          key,
          bytes: found.size,
          etag: `"${found.size.toString(16)}-${Math.round(found.mtimeMs).toString(16)}"`,
          modifiedAt: found.mtime,
        }
      })
  }

  makeBucket(bucket: string): void {
    mkdirSync(join(this.#root, bucket), { recursive: true })
  }

  #path(bucket: string, key: string): string {
    const dir = join(this.#root, bucket)
    const path = resolve(dir, key)
    if (!path.startsWith(dir + sep)) throw new AwsError(400, 'InvalidArgument', 'Key')
    return path
  }
}

/** The ETag of an object put in one piece: its MD5. */
export function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}
