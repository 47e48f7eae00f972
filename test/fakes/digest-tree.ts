import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type WrittenDigest, writeDigest } from '../../simulator/src/account/digest-file.ts'
import type { PreviousDigest } from '../../simulator/src/account/digest-state.ts'

/** An object of a tree. */
export interface TreeObject {
  readonly body: Buffer
  readonly metadata: Readonly<Record<string, string>>
}

/** A key pair of a region. */
export interface TreeKey {
  readonly key: KeyObject
  /** DER as ListPublicKeys would give it. */
  readonly der: Buffer
  readonly fingerprint: string
}

export const hourMs = 3_600_000
export const bucket = 'triptych-sim-trail'
export const account = '111122223333'

/** Makes a key pair whose public half is given as PKCS#1, or as SPKI. */
export function treeKey(type: 'pkcs1' | 'spki' = 'pkcs1'): TreeKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = publicKey.export({ type, format: 'der' })
  return { key: privateKey, der, fingerprint: createHash('md5').update(der).digest('hex') }
}

/** The archived form of ListPublicKeys. */
export function listOf(keys: readonly TreeKey[]): object {
  return {
    PublicKeyList: keys.map(({ der, fingerprint }) => ({
      Value: der.toString('base64'),
      ValidityStartTime: '2026-11-01T00:00:00Z',
      ValidityEndTime: '2026-12-01T00:00:00Z',
      Fingerprint: fingerprint,
    })),
  }
}

/** A log file that CloudTrail delivered. */
export interface TreeLog {
  readonly key: string
  readonly text: string
  readonly at: number
}

/** What a chain is made of; hours are whole unless said otherwise. */
export interface ChainShape {
  readonly region: string
  readonly key: TreeKey
  /** ms */
  readonly from: number
  readonly hours: number
  readonly logsPerHour?: number
  readonly recordsPerLog?: number
  /** Makes a record of its number; a small one otherwise. */
  readonly record?: (n: number) => object
  readonly organisation?: string
  readonly trail?: string
}

/** Logs and signed digests, to be damaged and put somewhere. */
export class DigestTree {
  readonly objects = new Map<string, TreeObject>()
  readonly logs: TreeLog[] = []
  readonly digests: WrittenDigest[] = []
  #number = 0

  /** Writes an unbroken chain with its log files. Returns its digests' keys. */
  addChain(shape: ChainShape, previous: PreviousDigest | null = null): readonly string[] {
    let before = previous
    const keys: string[] = []
    for (let i = 0; i < shape.hours; i++) {
      const start = shape.from + i * hourMs
      const count = shape.logsPerHour ?? 2
      const logs = Array.from({ length: count }, (_, n) =>
        this.addLog(shape, start + Math.floor(((n + 1) * hourMs) / (count + 1))),
      )
      const written = this.addDigest(shape, start, start + hourMs, before, logs)
      before = written.asPrevious
      keys.push(written.key)
    }
    return keys
  }

  /** Puts a log file where CloudTrail would. */
  addLog(shape: Pick<ChainShape, 'region' | 'organisation' | 'recordsPerLog' | 'record'>, at: number): TreeLog {
    const iso = new Date(at).toISOString()
    const n = this.#number++
    const stamp = `${iso.slice(0, 10).replaceAll('-', '')}T${iso.slice(11, 13)}${iso.slice(14, 16)}Z`
    const name = `${account}_CloudTrail_${shape.region}_${stamp}_${String(n).padStart(16, 'A')}.json.gz`
    const day = iso.slice(0, 10).replaceAll('-', '/')
    const key = `${rootOf(shape)}/${account}/CloudTrail/${shape.region}/${day}/${name}`
    const per = shape.recordsPerLog ?? 1
    const make = shape.record ?? ((number: number) => recordOf(iso, String(number)))
    const records = Array.from({ length: per }, (_, r) => make(n * per + r))
    const text = JSON.stringify({ Records: records })
    this.put(key, gzipSync(text))
    const log = { key, text, at }
    this.logs.push(log)
    return log
  }

  /** Signs a digest over log files and puts it where CloudTrail would. */
  addDigest(
    shape: Pick<ChainShape, 'region' | 'key' | 'organisation' | 'trail'>,
    start: number,
    end: number,
    previous: PreviousDigest | null,
    logs: readonly TreeLog[],
    backfilledAt?: number,
  ): WrittenDigest {
    const written = writeDigest({
      accountId: account,
      region: shape.region,
      trail: shape.trail ?? `triptych-sim-trail-${shape.region}`,
      homeRegion: shape.region,
      bucket,
      root: rootOf(shape),
      start,
      end,
      previous,
      files: logs.map(({ key, text, at }) => ({ key, hash: sha256(text), newest: iso(at), oldest: iso(at) })),
      signer: shape.key,
      ...(backfilledAt === undefined ? {} : { backfilledAt }),
    })
    this.put(written.key, written.body, written.metadata)
    this.digests.push(written)
    return written
  }

  put(key: string, body: Buffer, metadata: Readonly<Record<string, string>> = {}): void {
    this.objects.set(key, { body, metadata })
  }

  get(key: string): TreeObject {
    const found = this.objects.get(key)
    if (found === undefined) throw new TypeError(`no ${key} in the tree`)
    return found
  }

  /** Writes the tree into a directory; metadata beside the files unless it is to be lost, as by a plain copy. */
  writeTo(dir: string, withMetadata = true): void {
    for (const [key, { body, metadata }] of this.objects) {
      // A marker of a folder is the folder itself.
      if (key.endsWith('/')) continue
      const path = join(dir, key)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, body)
      if (withMetadata && Object.keys(metadata).length > 0)
        writeFileSync(`${path}.metadata.json`, JSON.stringify({ Metadata: metadata }))
    }
  }
}

function rootOf({ organisation }: Pick<ChainShape, 'organisation'>): string {
  return organisation === undefined ? 'AWSLogs' : `AWSLogs/${organisation}`
}

function recordOf(at: string, id: string): object {
  return {
    eventVersion: '1.11',
    eventTime: `${at.slice(0, 19)}Z`,
    eventName: 'InvokeModel',
    eventID: id,
    readOnly: true,
  }
}

function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
