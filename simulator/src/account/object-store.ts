// The objects of S3 as files under one directory, with an index that survives restarts.
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { AwsError } from './aws-error.ts'

const entrySchema = z.object({
  key: z.string(),
  size: z.number(),
  etag: z.string(),
  lastModified: z.number(),
  contentType: z.string(),
  metadata: z.record(z.string(), z.string()),
  deleted: z.boolean().optional(),
})

/** What S3 knows about an object; `lastModified` in milliseconds, `etag` without quotes. */
export type StoredObject = z.infer<typeof entrySchema>

/** What a writer may say about an object. */
export interface ObjectMeta {
  readonly contentType?: string
  readonly metadata?: Readonly<Record<string, string>>
}

class Bucket {
  readonly objects = new Map<string, StoredObject>()
  readonly #index: string
  #sorted: string[] | undefined

  constructor(index: string) {
    this.#index = index
    if (!existsSync(index)) return
    for (const line of readFileSync(index, 'utf8').split('\n')) if (line !== '') this.#apply(entrySchema.parse(JSON.parse(line)))
  }

  #apply(entry: StoredObject): void {
    this.#sorted = undefined
    if (entry.deleted === true) this.objects.delete(entry.key)
    else this.objects.set(entry.key, entry)
  }

  note(entry: StoredObject): void {
    this.#apply(entry)
    appendFileSync(this.#index, `${JSON.stringify(entry)}\n`)
  }

  keys(): readonly string[] {
    this.#sorted ??= [...this.objects.keys()].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
    return this.#sorted
  }
}

function isUnsafe(key: string): boolean {
  return key === '' || key.length > 1024 || key.includes('\0') || key.split('/').some((part) => part === '..' || part === '.')
}

/** The buckets of the account. */
export class ObjectStore {
  readonly #root: string
  readonly #buckets = new Map<string, Bucket>()

  constructor(root: string, names: readonly string[]) {
    this.#root = root
    mkdirSync(root, { recursive: true })
    for (const name of names) this.#buckets.set(name, new Bucket(path.join(root, `${name}.index.ndjson`)))
  }

  /** Names of the buckets. */
  buckets(): string[] {
    return [...this.#buckets.keys()]
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name)
    if (bucket === undefined) throw new AwsError('NoSuchBucket', 404, 'The specified bucket does not exist')
    return bucket
  }

  #file(bucket: string, key: string): string {
    if (isUnsafe(key)) throw new AwsError('InvalidArgument', 400, 'The key is not usable here')
    const safe = key.endsWith('/') ? `${key}%2F` : key
    return path.join(this.#root, bucket, safe)
  }

  /** Writes an object whole (temporary file, then rename) at the given time. */
  put(bucketName: string, key: string, bytes: Buffer, at: number, meta: ObjectMeta = {}): StoredObject {
    const bucket = this.#bucket(bucketName)
    const file = this.#file(bucketName, key)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(`${file}.part`, bytes)
    renameSync(`${file}.part`, file)
    const entry: StoredObject = {
      key,
      size: bytes.length,
      etag: createHash('md5').update(bytes).digest('hex'),
      lastModified: Math.floor(at / 1000) * 1000,
      contentType: meta.contentType ?? 'application/octet-stream',
      metadata: { ...meta.metadata },
    }
    bucket.note(entry)
    return entry
  }

  /** What is known of an object, or undefined. */
  head(bucketName: string, key: string): StoredObject | undefined {
    return this.#bucket(bucketName).objects.get(key)
  }

  /** The bytes of an object, or undefined. */
  get(bucketName: string, key: string): Buffer | undefined {
    return this.head(bucketName, key) === undefined ? undefined : readFileSync(this.#file(bucketName, key))
  }

  /** Removes an object; one that is not there is no error. */
  delete(bucketName: string, key: string): void {
    const entry = this.head(bucketName, key)
    if (entry === undefined) return
    rmSync(this.#file(bucketName, key), { force: true })
    this.#bucket(bucketName).note({ ...entry, deleted: true })
  }

  /** Keys of a bucket in UTF-8 byte order. */
  keys(bucketName: string): readonly string[] {
    return this.#bucket(bucketName).keys()
  }
}
