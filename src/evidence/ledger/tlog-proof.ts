import { TriptychError } from '../../platform/triptych-error.ts'
import { hashBytes } from './merkle-hash.ts'

// C2SP tlog-proof: a receipt that verifies by itself.

const firstLine = 'c2sp.org/tlog-proof@v1'
/** An audit path is as long as a tree is high. */
const mostHashes = 64

/** The parts of a receipt. */
export interface TlogProof {
  /** Not authenticated by the format: whoever reads it has to check it against the leaf. */
  readonly extra: Uint8Array
  readonly index: number
  /** From the leaf's sibling upwards. */
  readonly proof: readonly Buffer[]
  /** The signed note, as the log issued it. */
  readonly checkpoint: string
}

/** Writes a receipt; its files end in `.tlog-proof`. */
export function formatTlogProof({ extra, index, proof, checkpoint }: TlogProof): string {
  const hashes = proof.map((hash) => hash.toString('base64'))
  const lines = [firstLine, `extra ${Buffer.from(extra).toString('base64')}`, `index ${index}`, ...hashes, '']
  return `${lines.join('\n')}\n${checkpoint}`
}

/** Reads a receipt's form; nothing of it is verified yet. Throws LEDGER_PROOF_INVALID. */
export function parseTlogProof(text: string): TlogProof {
  const cut = text.indexOf('\n\n')
  const lines = text.slice(0, cut).split('\n')
  if (cut === -1 || lines.shift() !== firstLine) throw invalid('not a tlog-proof')
  const extra = lines[0]?.startsWith('extra ') === true ? (lines.shift() ?? '').slice(6) : ''
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1]
  const proof = lines.map((line) => Buffer.from(line, 'base64'))
  const sound = proof.length <= mostHashes && proof.every((hash, i) => isHash(hash, lines[i]))
  if (index === undefined || !sound) throw invalid('not a tlog-proof')
  return { extra: Buffer.from(extra, 'base64'), index: Number(index), proof, checkpoint: text.slice(cut + 2) }
}

function isHash(hash: Buffer, line: string | undefined): boolean {
  return hash.length === hashBytes && hash.toString('base64') === line
}

function invalid(reason: string): TriptychError {
  return new TriptychError('LEDGER_PROOF_INVALID', { reason })
}
