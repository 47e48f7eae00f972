import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { AwsError } from './aws-error.ts'
import { parseJson } from './lines.ts'

/** An object of a bucket. */
export interface StoredObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly modifiedAt: Date
}

/** What whoever put an object said of it: S3's user metadata, names without `x-amz-meta-`. */
export type UserMetadata = Readonly<Record<string, string>>

const metadataSchema = z.record(z.string(), z.string())

/**
 * Buckets as directories: `<root>/<bucket>/<key>`, user metadata apart below `<root>/.metadata`. A key cannot also be the folder of
 * another.
 */
export class ObjectStore {
  readonly #root: string
  /** MD5s by path, with the size and time they were taken at: a listing would read every object otherwise. */
  readonly #etags = new Map<string, { readonly bytes: number; readonly at: number; readonly etag: string }>()

  constructor(root: string) {
    this.#root = root
  }

  /** Puts an object, whole or not at all. Returns its ETag. */
  put(bucket: string, key: string, body: Buffer, metadata: UserMetadata = {}): string {
    const path = this.#path(bucket, key)
    mkdirSync(dirname(path), { recursive: true })
    this.#putMetadata(bucket, key, metadata)
    const incoming = join(this.#root, '.incoming')
    writeFileSync(incoming, body)
    renameSync(incoming, path)
    return this.#etag(path, body).etag
  }

  has(bucket: string, key: string): boolean {
    const path = this.#path(bucket, key)
    return existsSync(path) && statSync(path).isFile()
  }

  get(bucket: string, key: string): Buffer {
    return readFileSync(this.#existing(bucket, key))
  }

  /** Removes an object; nothing happens where there is none, as in S3. */
  remove(bucket: string, key: string): void {
    rmSync(this.#path(bucket, key), { force: true })
    rmSync(this.#metadataPath(bucket, key), { force: true })
  }

  metadata(bucket: string, key: string): UserMetadata {
    const path = this.#metadataPath(bucket, key)
    return existsSync(path) ? (metadataSchema.safeParse(parseJson(readFileSync(path, 'utf8'))).data ?? {}) : {}
  }

  /** An object without its bytes. */
  head(bucket: string, key: string): StoredObject {
    return this.#describe(key, this.#existing(bucket, key))
  }

  /** The keys under a prefix, in the order of their UTF-8 bytes. */
  keys(bucket: string, prefix: string): readonly string[] {
    const dir = this.#bucket(bucket)
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((key) => key.startsWith(prefix))
      .sort(inByteOrder)
  }

  /** All objects under a prefix, in the order of their keys. */
  list(bucket: string, prefix: string): readonly StoredObject[] {
    return this.keys(bucket, prefix).map((key) => this.head(bucket, key))
  }

  makeBucket(bucket: string): void {
    mkdirSync(join(this.#root, bucket), { recursive: true })
  }

  #describe(key: string, path: string): StoredObject {
    const { bytes, at, etag } = this.#etag(path)
    return { key, bytes, etag, modifiedAt: new Date(at) }
  }

  #etag(path: string, body?: Buffer) {
    const { size, mtimeMs } = statSync(path)
    const known = this.#etags.get(path)
    if (body === undefined && known?.bytes === size && known.at === mtimeMs) return known
    const md5 = createHash('md5')
      .update(body ?? readFileSync(path))
      .digest('hex')
    const taken = { bytes: size, at: mtimeMs, etag: `"${md5}"` }
    this.#etags.set(path, taken)
    return taken
  }

  #putMetadata(bucket: string, key: string, metadata: UserMetadata): void {
    const path = this.#metadataPath(bucket, key)
    if (Object.keys(metadata).length === 0) {
      rmSync(path, { force: true })
      return
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(metadata))
  }

  #metadataPath(bucket: string, key: string): string {
    return `${join(this.#root, '.metadata', relative(this.#root, this.#path(bucket, key)))}.json`
  }

  #bucket(bucket: string): string {
    const dir = join(this.#root, bucket)
    if (!/^[a-z0-9][a-z0-9.-]{2,62}$/.test(bucket) || !existsSync(dir))
      throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist')
    return dir
  }

  #existing(bucket: string, key: string): string {
    const path = this.#path(bucket, key)
    if (!this.has(bucket, key)) throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.')
    return path
  }

  #path(bucket: string, key: string): string {
    const dir = this.#bucket(bucket)
    const path = resolve(dir, key)
    if (!path.startsWith(dir + sep)) throw new AwsError(400, 'InvalidArgument', 'Key')
    return path
  }
}

/** Compares keys as S3 orders them. */
export function inByteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
