import { createHash, hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { archivePath, provenanceSuffix } from '../../evidence/archive/archive-paths.ts'
import { type Provenance, provenanceSchema } from '../../evidence/archive/provenance.ts'
import type { LedgerEntry } from '../../evidence/ledger/entry.ts'
import type { Fault } from '../../evidence/ledger/fault.ts'
import { parseJson } from '../../platform/json/parse-json.ts'
import { errnoOf } from '../../platform/triptych-error.ts'

interface Kept {
  /** Of the file itself, below the data directory. */
  readonly file: string
  readonly text: string
  readonly provenance: Provenance | undefined
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
    const archive = new ArchiveJoin(
      root,
      bare.map((file) => `archive/${file}`),
    )
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
    const wrong = await this.#wrongWith(kept, entry, index)
    if (wrong === undefined) {
      this.#files += 1
      return []
    }
    return [{ file: kept.file, index, source: entry.source, seq: entry.seq, ...wrong }]
  }

  /** What no entry commits to waits. Where an entry's record is gone, a file that contradicts itself may be what it became. */
  rest(): { readonly backlog: number; readonly oldest: string | null; readonly faults: readonly Fault[] } {
    const waiting = [...this.#byCommit.values()]
    const sound = waiting.filter((kept) => placeOf(kept) === kept.file)
    const spoiled = [...this.#bare, ...waiting.filter((kept) => !sound.includes(kept)).map(({ file }) => file)].sort()
    const lost = this.#lost.map(({ index, entry }): Fault => {
      const ofKind = (file: string) => file.startsWith(`archive/${entry.type.slice('file.'.length)}/`)
      const became = spoiled.find(ofKind)
      const place = { index, source: entry.source, seq: entry.seq }
      if (became !== undefined) spoiled.splice(spoiled.indexOf(became), 1)
      return became === undefined
        ? {
            kind: 'missing',
            says: `${goneWith(index, entry)}${hint(sound.map(({ file }) => file).filter(ofKind))}`,
            ...place,
          }
        : {
            kind: 'altered',
            says: `the provenance of ${became} is not one that the ledger commits to; entry ${index} has none`,
            file: became,
            ...place,
          }
    })
    const oldest = sound.map(({ provenance }) => provenance?.receivedAt ?? '').sort()[0] ?? null
    return { backlog: sound.length + spoiled.length, oldest, faults: [...this.#faults, ...lost] }
  }

  #add(path: string, bytes: Buffer): void {
    const commit = hash('sha256', bytes)
    const text = bytes.toString('utf8')
    const parsed = provenanceSchema.safeParse(parseJson(text))
    const kept: Kept = { file: `archive/${path}`, text, provenance: parsed.success ? parsed.data : undefined }
    const known = this.#byCommit.get(commit)
    const [own, copy] = known === undefined || placeOf(kept) === kept.file ? [kept, known] : [known, kept]
    this.#byCommit.set(commit, own)
    if (copy === undefined) return
    const says = `${copy.file} is repeated: its provenance is that of ${own.file}`
    this.#faults.push({ kind: 'repeated', says, file: copy.file })
  }

  /** The hub looks for a file only where its provenance says that it was put, so anywhere else it is lost to every command. */
  async #wrongWith(
    kept: Kept,
    { type }: LedgerEntry,
    index: number,
  ): Promise<Pick<Fault, 'kind' | 'says'> | undefined> {
    const { file, provenance } = kept
    const actual = await hashOf(join(this.#root, '..', file))
    const kind = actual === undefined ? 'missing' : 'altered'
    if (provenance === undefined || type !== `file.${provenance.kind}` || actual !== provenance.sha256)
      return { kind, says: `${file} is ${kind}: it is not what its provenance says, which entry ${index} commits to` }
    const place = placeOf(kept)
    if (place === file) return undefined
    return { kind: 'missing', says: `${place} is missing: what entry ${index} commits to was moved to ${file}` }
  }
}

/** Where `put` keeps what has this provenance. */
function placeOf({ provenance }: Kept): string | undefined {
  if (provenance === undefined) return undefined
  const { kind, sha256, name, receivedAt } = provenance
  return `archive/${archivePath(kind, sha256, name, receivedAt)}`
}

function goneWith(index: number, { type }: LedgerEntry): string {
  return `the archived file of entry ${index} (${type}) is missing with its provenance`
}

/** Which of them it became, if any, nothing can tell: an entry holds a hash alone. */
function hint([first, ...more]: readonly string[]): string {
  if (first === undefined) return ''
  return `; ${first}${more.length > 0 ? ` and ${more.length} more of its kind` : ''} may be what it became, or wait for an entry`
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
