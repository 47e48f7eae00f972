import { join, resolve } from 'node:path'
import { parseVerifierKey, type VerifierKey } from '../../../evidence/ledger/verifier-key.ts'
import type { Clock } from '../../../platform/clock.ts'
import { readNamedFile } from '../../../platform/files.ts'
import { type Verification, verifyDirectory } from '../../verify/verify-directory.ts'
import { type ReceiptVerification, verifyReceipt } from '../../verify/verify-receipt.ts'
import { keyNotPinned, whatIsNotProven } from '../../verify/what-is-not-proven.ts'
import { columns, number, paint, type Screen } from '../print.ts'
import { showProgress } from '../progress.ts'

/** What `triptych verify` is given. */
export interface VerifyOptions {
  /** A data directory. */
  readonly dir: string
  /** The directory of a log alone, instead. */
  readonly log?: string | undefined
  /** Where a log is served, instead. */
  readonly url?: string | undefined
  /** A vkey, or a file that holds one. */
  readonly key: string | undefined
  /** Files with notes. */
  readonly checkpoints: readonly string[]
  readonly json: boolean
}

/** The options of `triptych verify` as they were given. */
export interface VerifyGiven {
  readonly data?: string
  readonly log?: string
  readonly url?: string
  readonly key?: string
  readonly checkpoint?: readonly string[]
  readonly proof?: string
  readonly json?: boolean
}

/** What was given, and the configured data directory where none was. */
export function verifyOptions(given: VerifyGiven, configured: () => string): VerifyOptions {
  return {
    dir: given.data === undefined ? configured() : resolve(given.data),
    log: given.log === undefined ? undefined : resolve(given.log),
    url: given.url,
    key: given.key,
    checkpoints: given.checkpoint ?? [],
    json: given.json === true,
  }
}

const faultsShown = 100

/** `triptych verify`: exit 1 when there is a fault; the first one is named. Needs no hub and takes no lock. */
export async function verifyCommand(options: VerifyOptions, screen: Screen, clock: Clock): Promise<number> {
  const key = options.key === undefined ? undefined : await readKey(options.key)
  const kept = await Promise.all(options.checkpoints.map(readText))
  const progress = showProgress()
  const found = await verifyDirectory({
    place: placeOf(options),
    key,
    kept,
    onProgress: (entries) => progress.show(() => `${number(entries)} entries`),
  }).finally(progress.end)
  const limits = whatIsNotProven(found, clock.now())
  if (options.json) screen.write(`${JSON.stringify(asJson(found, limits))}\n`)
  else screen.write(describe(found, limits, screen))
  return found.faults.length === 0 ? 0 : 1
}

function placeOf({ dir, log, url }: VerifyOptions): Parameters<typeof verifyDirectory>[0]['place'] {
  if (url !== undefined) return { url }
  return log === undefined ? { data: dir } : { log }
}

/** `triptych verify --proof`: a receipt by itself; without --key the key is that of the data directory. */
export async function verifyReceiptCommand(
  file: string,
  { dir, key, json }: VerifyOptions,
  screen: Screen,
): Promise<number> {
  const believed = key ?? join(dir, 'ledger', 'log.vkey')
  const verifier = await readKey(believed)
  const found = verifyReceipt(await readText(file), verifier)
  const limits = [...(key === undefined ? [keyNotPinned] : []), receiptLimit]
  if (json)
    screen.write(`${JSON.stringify({ ok: found.fault === '', ...found, key: verifier.text, notProven: limits })}\n`)
  else screen.write(describeReceipt(found, { verifier, believed }, limits, screen))
  return found.fault === '' ? 0 : 1
}

const receiptLimit =
  'that the log still holds this entry, or ever showed it to others: hold a checkpoint kept elsewhere against the log with `triptych verify --checkpoint`'

async function readKey(given: string): Promise<VerifierKey> {
  return parseVerifierKey(/^[^+]+\+[0-9a-f]{8}\+/.test(given) ? given : await readText(given))
}

async function readText(path: string): Promise<string> {
  return (await readNamedFile(path)).toString('utf8')
}

function asJson(found: Verification, limits: readonly string[]) {
  const { faults, published, ...rest } = found
  return {
    ok: faults.length === 0,
    ...rest,
    fault: faults[0] ?? null,
    faults: faults.slice(0, faultsShown),
    faultCount: faults.length,
    published: published.map(({ checkpoint: _note, ...one }) => one),
    notProven: limits,
  }
}

function describe(found: Verification, limits: readonly string[], screen: Screen): string {
  const [first, ...more] = found.faults
  const lines = [
    `log           ${found.origin}`,
    `entries       ${number(found.size)}`,
    `root          ${found.root || '–'}`,
    `key           ${found.key}${found.keyPinned ? '' : paint(screen, 'yellow', '  (not pinned)')}`,
  ]
  if (found.withRecords && first === undefined) lines.push('', countTable(found))
  lines.push(
    '',
    first === undefined
      ? `${paint(screen, 'green', '✓')} ${number(found.size)} entries lead to the signed root, numbers are whole${found.withRecords ? ', and every record is as its entry says' : ''}`
      : `${paint(screen, 'red', `✗ ${first.kind}`)}: ${first.says}`,
  )
  if (more.length > 0) lines.push(`  and ${number(more.length)} more faults behind it (--json lists ${faultsShown})`)
  return `${[...lines, ...limitLines(limits)].join('\n')}\n`
}

function countTable({ journals, files }: Verification): string {
  const rows = [
    ...journals.map(({ source, records, backlog }) => [`journal ${source}`, number(records), number(backlog)]),
    ['archived files', number(files.checked), number(files.backlog)],
  ]
  return columns(['kept', 'verified', 'backlog'], rows, [1, 2])
}

function describeReceipt(
  found: ReceiptVerification,
  { verifier, believed }: { readonly verifier: VerifierKey; readonly believed: string },
  limits: readonly string[],
  screen: Screen,
): string {
  const keyLine = `key           ${verifier.text}${believed === verifier.text ? '' : `  (from ${believed})`}`
  const lines =
    found.fault === ''
      ? [
          keyLine,
          `record        ${found.source} ${found.seq} (${found.type})`,
          `entry         ${number(found.index)} of ${number(found.size)}`,
          '',
          found.record.trimEnd(),
          '',
          `${paint(screen, 'green', '✓')} the record is the one that the entry commits to, and the signed log holds the entry`,
        ]
      : [keyLine, '', `${paint(screen, 'red', '✗')} ${found.fault}`]
  return `${[...lines, ...limitLines(limits)].join('\n')}\n`
}

function limitLines(limits: readonly string[]): readonly string[] {
  return ['', 'not proven by this', ...limits.map((limit) => `  · ${limit}`)]
}
