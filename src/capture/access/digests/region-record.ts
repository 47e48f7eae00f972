import type { DigestFinding, DigestFindingCode, DigestNote, DigestNoteCode } from './finding.ts'
import type { Judgement } from './judge-digest.ts'

/** One hour of a region: what was delivered in it, and whether that is proven. */
export interface HourResult {
  /** Begin, ms. */
  readonly hour: number
  /** `no_digest`: no digest's window begins in it. */
  readonly state: 'valid' | 'findings' | 'no_digest'
  readonly digests: number
  readonly logs: number
  readonly findings: number
}

/** Counts of a region. */
export interface RegionCounts {
  digests: number
  digestsSigned: number
  backfill: number
  logs: number
  logsValid: number
}

/** An hour, ms: what one digest speaks of, as AWS makes them. */
export const hourMs = 3_600_000

/** Begin of the hour that a moment (ms) is in. */
export function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs
}

/** What is found out about one account in one region, gathered. */
export class RegionRecord {
  readonly #account: string
  readonly #region: string
  readonly #hours = new Map<number, { digests: number; logs: number; findings: number }>()
  readonly #notes = new Map<DigestNoteCode, { file: string; count: number }>()
  readonly findings: DigestFinding[] = []
  readonly counts: RegionCounts = { digests: 0, digestsSigned: 0, backfill: 0, logs: 0, logsValid: 0 }

  constructor(account: string, region: string) {
    this.#account = account
    this.#region = region
  }

  /** Counts a window of a digest: the hour it begins in, and every further one that lies wholly in it. */
  addWindow(start: number, end: number): void {
    this.#hour(hourOf(start)).digests += 1
    for (let hour = hourOf(start) + hourMs; hour + hourMs <= end; hour += hourMs) this.#hour(hour).digests += 1
  }

  addLog(hour: number): void {
    this.#hour(hour).logs += 1
  }

  find(code: DigestFindingCode, file: string, detail: string, hour?: number): void {
    this.findings.push({ code, account: this.#account, region: this.#region, hour, file, detail })
    if (hour !== undefined) this.#hour(hour).findings += 1
  }

  note(code: DigestNoteCode, file: string, count = 1): void {
    const known = this.#notes.get(code) ?? { file, count: 0 }
    this.#notes.set(code, { ...known, count: known.count + count })
  }

  take({ findings, notes }: Judgement, hour: number): void {
    for (const { code, file, detail } of findings) this.find(code, file, detail, hour)
    for (const { code, file } of notes) this.note(code, file)
  }

  notes(): readonly DigestNote[] {
    return [...this.#notes].map(([code, { file, count }]) => ({ code, file, count }))
  }

  /** Every hour of a stretch, also those of which nothing is known. */
  hours(from: number, to: number): readonly HourResult[] {
    const results: HourResult[] = []
    for (let hour = hourOf(from); hour < to; hour += hourMs) {
      const found = this.#hours.get(hour) ?? { digests: 0, logs: 0, findings: 0 }
      const state = found.digests === 0 ? 'no_digest' : found.findings > 0 ? 'findings' : 'valid'
      results.push({ hour, state, ...found })
    }
    return results
  }

  #hour(hour: number): { digests: number; logs: number; findings: number } {
    const known = this.#hours.get(hour) ?? { digests: 0, logs: 0, findings: 0 }
    this.#hours.set(hour, known)
    return known
  }
}
