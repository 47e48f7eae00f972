import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDir, writeFileAtomic } from '../../platform/files.ts'
import { asTriptychError, TriptychError } from '../../platform/triptych-error.ts'
import { type Checkpoint, signCheckpoint } from './checkpoint.ts'
import { entryText, type LedgerEntry } from './entry.ts'
import { encodeBundle } from './entry-bundle.ts'
import { findEntry, locateEntry } from './find-entry.ts'
import type { LedgerKey } from './ledger-key.ts'
import { leafHash } from './merkle-hash.ts'
import { checkpointName, clearTemporaries, openLog } from './open-log.ts'
import { savePositions } from './saved-positions.ts'
import { archiveSource, type SourcePositions } from './source-positions.ts'
import { keepFullTiles, keepTiles, type TileReader, tilesIn } from './tile-files.ts'
import { partialTiles, type TilePlace, tileWidth } from './tile-path.ts'
import type { TreeEdge } from './tree-edge.ts'
import { readTree, type TreeReader } from './tree-reader.ts'
import type { VerifierKey } from './verifier-key.ts'
import { dropPartials, type WrittenTile, writeTiles } from './write-tiles.ts'

/** A record to commit to. Without `seq` it is an archived file, whose number the ledger gives. */
export interface LedgerRecord extends Omit<LedgerEntry, 'seq'> {
  readonly seq?: number
}

/** What an append did. */
export interface Appended {
  readonly appended: number
  /** Were entries already. */
  readonly skipped: number
  readonly checkpoint: Checkpoint
}

/** An entry with its proof, under the newest checkpoint. */
export interface ProvenEntry {
  readonly index: number
  readonly entry: string
  readonly proof: readonly Buffer[]
  readonly checkpoint: Checkpoint
}

/** An append-only Merkle log of commitments, in a C2SP tlog-tiles directory. One process writes it. */
export interface Ledger {
  readonly verifier: VerifierKey
  /** The newest checkpoint; what it covers is durable. */
  latest(): Checkpoint
  /** The last number of a source that is an entry; 0 for none. */
  lastSeq(source: string): number
  /** Every source that has an entry. */
  sources(): readonly string[]
  /** The number of an archived file's entry, by its commit. */
  fileSeq(commit: string): number | undefined
  /**
   * Makes entries of what is not one yet, in the order given, and signs a checkpoint over them; all of it is durable when this
   * resolves. The numbers of a source rise, with gaps where its records are lost. Throws LEDGER_CONFLICT when a number is an entry with
   * another commit (or was passed over), and then nothing of the batch was taken; DATA_DIR_UNWRITABLE, after which it may be tried again.
   */
  append(records: readonly LedgerRecord[]): Promise<Appended>
  /** The index of a record's entry; undefined when it is none. Throws LEDGER_BROKEN. */
  find(source: string, seq: number): Promise<number | undefined>
  /** An entry and its audit path. Throws QUERY_INVALID for an index outside, LEDGER_BROKEN. */
  prove(index: number): Promise<ProvenEntry>
  /** The tree of the newest checkpoint. */
  tree(): TreeReader
  close(): Promise<void>
}

/** Opens the log below `dir`, or begins one. Throws LEDGER_BROKEN when its files do not lead to its checkpoint, CONFIG_INVALID. */
export async function openLedger(dir: string, key: LedgerKey): Promise<Ledger> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await clearTemporaries(dir)
  return new TiledLedger(dir, key, await openLog(dir, key))
}

/** How the log stands; replaced as a whole once a checkpoint is durable. */
interface Standing {
  readonly edge: TreeEdge
  /** Entries of the partial bundle. */
  readonly tail: readonly Buffer[]
  readonly positions: SourcePositions
  readonly checkpoint: Checkpoint
}

const entriesPerSnapshot = 100_000

class TiledLedger implements Ledger {
  readonly verifier: VerifierKey
  readonly #dir: string
  readonly #key: LedgerKey
  readonly #tiles: TileReader
  #now: Standing
  #savedSize: number
  #unsure = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(dir: string, key: LedgerKey, standing: Standing) {
    this.#dir = dir
    this.#key = key
    this.#now = standing
    this.#savedSize = standing.checkpoint.size
    this.verifier = key.verifier
    this.#tiles = keepFullTiles(tilesIn(dir))
  }

  latest(): Checkpoint {
    return this.#now.checkpoint
  }

  lastSeq(source: string): number {
    return this.#now.positions.lastSeq(source)
  }

  sources(): readonly string[] {
    return this.#now.positions.sources()
  }

  fileSeq(commit: string): number | undefined {
    return this.#now.positions.fileSeq(commit)
  }

  append(records: readonly LedgerRecord[]): Promise<Appended> {
    const next = this.#last.then(() => this.#append(records))
    this.#last = next.catch(() => undefined)
    return next
  }

  async find(source: string, seq: number): Promise<number | undefined> {
    const { positions, checkpoint } = this.#now
    return locateEntry(this.#tiles, positions, checkpoint.size, { source, seq })
  }

  async prove(index: number): Promise<ProvenEntry> {
    const { checkpoint } = this.#now
    const tree = readTree(keepTiles(this.#tiles), checkpoint)
    const proof = await tree.inclusion(index)
    return { index, entry: (await tree.entry(index)).toString('latin1'), proof, checkpoint }
  }

  tree(): TreeReader {
    return readTree(keepTiles(this.#tiles), this.#now.checkpoint)
  }

  async close(): Promise<void> {
    await this.#last
    if (this.#savedSize !== this.#now.checkpoint.size) await this.#save()
  }

  async #append(records: readonly LedgerRecord[]): Promise<Appended> {
    if (this.#unsure) await this.#reopen()
    const fresh = await this.#plan(records)
    const skipped = records.length - fresh.length
    if (fresh.length === 0) return { appended: 0, skipped, checkpoint: this.#now.checkpoint }
    const { tiles, edge, tail } = this.#grow(fresh)
    const checkpoint = signCheckpoint(edge.size, edge.root(), this.verifier, this.#key.privateKey)
    try {
      await writeTiles(this.#dir, tiles)
      await writeFileAtomic(join(this.#dir, checkpointName), checkpoint.note)
    } catch (cause) {
      this.#unsure = true
      throw asTriptychError(cause, 'DATA_DIR_UNWRITABLE', { path: this.#dir })
    }
    for (const entry of fresh) this.#now.positions.add(entry)
    this.#now = { edge, tail, positions: this.#now.positions, checkpoint }
    await this.#tidy(tiles)
    return { appended: fresh.length, skipped, checkpoint }
  }

  /**
   * A write that failed may have put its checkpoint in place all the same, when only making it durable failed. Whoever read it there
   * may keep it, so what is on disk counts, and nothing else is signed at its size.
   */
  async #reopen(): Promise<void> {
    try {
      await syncDir(this.#dir)
    } catch (cause) {
      throw asTriptychError(cause, 'DATA_DIR_UNWRITABLE', { path: this.#dir })
    }
    this.#now = await openLog(this.#dir, this.#key)
    this.#unsure = false
  }

  /** Which records are new, with their numbers; those that are entries are held against them. */
  async #plan(records: readonly LedgerRecord[]): Promise<readonly LedgerEntry[]> {
    const { positions, checkpoint } = this.#now
    const find = findEntry(this.#tiles, positions, checkpoint.size)
    const planned = new Map<string, string>()
    const last = new Map<string, number>()
    const lastOf = (source: string) => last.get(source) ?? positions.lastSeq(source)
    const fresh: LedgerEntry[] = []
    for (const record of records) {
      const { source, commit } = record
      if (record.seq === undefined) {
        if (positions.fileSeq(commit) !== undefined || planned.has(commit)) continue
        planned.set(commit, commit)
      } else if (record.seq <= lastOf(source)) {
        const known = planned.get(`${source}/${record.seq}`) ?? (await find(source, record.seq))?.entry.commit
        if (known !== commit) throw new TriptychError('LEDGER_CONFLICT', { source, seq: record.seq })
        continue
      }
      const seq = record.seq ?? lastOf(archiveSource) + 1
      planned.set(`${source}/${seq}`, commit)
      last.set(source, seq)
      fresh.push({ source, seq, type: record.type, commit })
    }
    return fresh
  }

  /** The tiles that these entries fill or begin, and the edge behind them. */
  #grow(fresh: readonly LedgerEntry[]) {
    const before = this.#now.checkpoint.size
    const edge = this.#now.edge.copy()
    let tail = [...this.#now.tail]
    const tiles: WrittenTile[] = []
    for (const entry of fresh) {
      const bytes = Buffer.from(entryText(entry), 'latin1')
      tail.push(bytes)
      const full = edge.append(leafHash(bytes))
      for (const { level, n, hashes } of full) tiles.push({ place: { level, n, width: tileWidth }, bytes: hashes })
      if (full.length === 0) continue
      tiles.push({ place: { level: 'entries', n: full[0]?.n ?? 0, width: tileWidth }, bytes: encodeBundle(tail) })
      tail = []
    }
    const signed = new Set(partialTiles(before).map(keyOf))
    for (const place of partialTiles(edge.size)) {
      // What an earlier checkpoint covers is never written again.
      if (signed.has(keyOf(place))) continue
      tiles.push({ place, bytes: edge.partial(Number(place.level)) })
      if (place.level === 0) tiles.push({ place: { ...place, level: 'entries' }, bytes: encodeBundle(tail) })
    }
    return { tiles, edge, tail }
  }

  /** Nothing here may fail an append that is durable: what is left undone is done again later. */
  async #tidy(tiles: readonly WrittenTile[]): Promise<void> {
    const full = tiles.map(({ place }) => place).filter((place) => place.width === tileWidth)
    await dropPartials(this.#dir, full).catch(() => undefined)
    if (this.#now.checkpoint.size - this.#savedSize >= entriesPerSnapshot) await this.#save().catch(() => undefined)
  }

  async #save(): Promise<void> {
    await savePositions(this.#dir, this.#now.positions, this.#now.checkpoint, this.#key)
    this.#savedSize = this.#now.checkpoint.size
  }
}

function keyOf({ level, n, width }: TilePlace): string {
  return `${level}/${n}/${width}`
}
