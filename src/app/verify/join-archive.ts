import { createHash, hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { hashDigits, provenanceSuffix } from '../../evidence/archive/archive-paths.ts'
import { provenanceSchema } from '../../evidence/archive/provenance.ts'
import type { LedgerEntry } from '../../evidence/ledger/entry.ts'
import type { Fault } from '../../evidence/ledger/fault.ts'
import { errnoOf } from '../../platform/triptych-error.ts'

interface Kept {
  /** Of the file itself, below the data directory. */
  readonly file: string
  readonly text: string
}

/** Entries of archived files held against their provenance records, and those against the files. */
export class ArchiveJoin {
  readonly #root: string
  readonly #byCommit = new Map<string, Kept>()
  readonly #bare: readonly string[]
  readonly #faults: Fault[] = []
  readonly #lost: { index: number; entry: LedgerEntry }[] = []
  #files = 0

  private constructor(root: string, bare: readonly string[]) {
    this.#root = root
    this.#bare = bare
  }

  /** Reads every provenance record below `archive/`. */
  static async open(root: string): Promise<ArchiveJoin> {
    const all = new Set(await filesBelow(root))
    const bare = [...all].filter((file) => !file.endsWith(provenanceSuffix) && !all.has(file + provenanceSuffix))
    const archive = new ArchiveJoin(root, bare)
    for (const path of [...all].filter((file) => file.endsWith(provenanceSuffix)).sort()) {
      const text = await readFile(join(root, path))
      archive.#add(path.slice(0, -provenanceSuffix.length), text)
    }
    return archive
  }

  /** Files that are as their entries say. */
  get files(): number {
    return this.#files
  }

  async check(index: number, entry: LedgerEntry): Promise<readonly Fault[]> {
    const kept = this.#byCommit.get(entry.commit)
    if (kept === undefined) {
      this.#lost.push({ index, entry })
      return []
    }
    this.#byCommit.delete(entry.commit)
    const problem = await this.#problemOf(kept)
    if (problem === undefined) {
      this.#files += 1
      return []
    }
    const says = `${kept.file} is ${problem}: it is not what its provenance says, which entry ${index} commits to`
    return [{ kind: problem, says, file: kept.file, index, source: entry.source, seq: entry.seq }]
  }

  /** What no entry commits to waits; where an entry's record is gone, such a file is what it became. */
  rest(): { readonly backlog: number; readonly faults: readonly Fault[] } {
    const candidates = [...this.#bare, ...[...this.#byCommit.values()].map(({ file }) => file)].sort()
    const lost = this.#lost.map(({ index, entry }): Fault => {
      const file = candidates.shift()
      const place = { index, source: entry.source, seq: entry.seq }
      return file === undefined
        ? {
            kind: 'missing',
            says: `the archived file of entry ${index} (${entry.type}) is missing with its provenance`,
            ...place,
          }
        : {
            kind: 'altered',
            says: `the provenance of ${file} is not one that the ledger commits to; entry ${index} has none`,
            file,
            ...place,
          }
    })
    return { backlog: candidates.length, faults: [...this.#faults, ...lost] }
  }

  #add(path: string, bytes: Buffer): void {
    const commit = hash('sha256', bytes)
    const file = `archive/${path}`
    const known = this.#byCommit.get(commit)
    if (known === undefined) this.#byCommit.set(commit, { file, text: bytes.toString('utf8') })
    else
      this.#faults.push({
        kind: 'repeated',
        says: `${file} is repeated: its provenance is that of ${known.file}`,
        file,
      })
  }

  async #problemOf({ file, text }: Kept): Promise<'altered' | 'missing' | undefined> {
    const provenance = provenanceSchema.safeParse(parseJson(text))
    const actual = await hashOf(join(this.#root, '..', file))
    if (actual === undefined) return 'missing'
    const isOwn = provenance.success && basename(file).startsWith(`${provenance.data.sha256.slice(0, hashDigits)}-`)
    return isOwn && provenance.data.sha256 === actual ? undefined : 'altered'
  }
}

async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return []
    throw cause
  })
  // What is being taken in stands at the top, under a temporary name.
  return entries
    .filter((entry) => entry.isFile() && entry.parentPath !== root && !entry.name.endsWith('.tmp'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

async function hashOf(path: string): Promise<string | undefined> {
  const digest = createHash('sha256')
  try {
    await pipeline(createReadStream(path), digest)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw cause
  }
  return digest.digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
