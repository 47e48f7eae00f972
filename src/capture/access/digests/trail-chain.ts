import type { LoadedDigest } from './loaded-digest.ts'

/** A digest with its neighbours by time. */
export interface InChain {
  readonly digest: LoadedDigest
  readonly before: LoadedDigest | undefined
  /** The signature that its successor says it has. */
  readonly fromSuccessor: string | undefined
}

const windowsKept = 51
const usualPeriodMs = 3_600_000

/** The digests of one trail in one region, oldest first: each comes out when its successor is known. */
export class TrailChain {
  #before: LoadedDigest | undefined
  #current: LoadedDigest | undefined
  readonly #lengths: number[] = []

  /** Takes the next digest; what came out is the one before it. */
  push(next: LoadedDigest): InChain | undefined {
    const { document } = next
    if (document !== undefined) {
      this.#lengths.push(Date.parse(document.digestEndTime) - Date.parse(document.digestStartTime))
      if (this.#lengths.length > windowsKept) this.#lengths.shift()
    }
    const ready = this.#ready(next)
    this.#before = this.#current ?? this.#before
    this.#current = next
    return ready
  }

  /** The last digest, which has no successor. */
  end(): InChain | undefined {
    return this.#ready(undefined)
  }

  get newest(): LoadedDigest | undefined {
    return this.#current
  }

  /** How long a window of this trail is, ms: the median of the last ones. */
  get periodMs(): number {
    return this.#lengths.toSorted((a, b) => a - b)[this.#lengths.length >> 1] ?? usualPeriodMs
  }

  #ready(next: LoadedDigest | undefined): InChain | undefined {
    const digest = this.#current
    if (digest === undefined) return undefined
    const names = next?.document?.previousDigestS3Object
    const isNext = names !== undefined && names !== null && names === digest.document?.digestS3Object
    const fromSuccessor = isNext ? (next?.document?.previousDigestSignature ?? undefined) : undefined
    return { digest, before: this.#before, fromSuccessor }
  }
}
