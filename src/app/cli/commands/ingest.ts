import { type Ingested, ingestedSchema } from '../../api/schema/operate.ts'
import type { HubClient } from '../hub-client.ts'
import { number, paint, type Screen, time } from '../print.ts'

const rejectionsShown = 20

/** What the files are; of a gateway's log also whose. */
interface Given {
  readonly kind: string
  readonly format?: string | undefined
  readonly name?: string
}

/** `triptych ingest cloudtrail|invocations|gateway-log <path or s3 url>…`: exit 1 when anything was refused. */
export async function ingestCommand(
  client: HubClient,
  given: Given,
  paths: readonly string[],
  json: boolean,
  screen: Screen,
): Promise<number> {
  const sum = { files: 0, failed: 0, records: 0, calls: 0, duplicates: 0, rejected: 0 }
  const spans: CallSpan[] = []
  for (const path of paths) {
    for await (const line of client.post('/ingest', { ...given, path })) {
      const file = ingestedSchema.parse(line)
      add(sum, file)
      if (file.result?.callSpan !== undefined) spans.push(file.result.callSpan)
      screen.write(json ? `${JSON.stringify(file)}\n` : describe(file, given.kind, screen))
    }
  }
  if (!json) {
    screen.write(
      `\n${number(sum.files)} files: ${number(sum.records)} records, of which ${number(sum.calls)} model calls and ${number(sum.duplicates)} duplicates; ${number(sum.rejected)} records and ${number(sum.failed)} files refused\n${whereToLook(spans)}`,
    )
  }
  return sum.rejected + sum.failed === 0 ? 0 : 1
}

type CallSpan = NonNullable<NonNullable<Ingested['result']>['callSpan']>

/** Lists look at the last days: whoever takes in older logs is told where their calls are. */
function whereToLook(spans: readonly CallSpan[]): string {
  const from = spans.map((span) => span.from).sort()[0]
  const to = spans
    .map((span) => span.to)
    .sort()
    .at(-1)
  if (from === undefined || to === undefined) return ''
  return `model calls from ${time(from)} to ${time(to)}; look at them: triptych calls --since ${from.slice(0, 10)}\n`
}

function add(
  sum: Record<'files' | 'failed' | 'records' | 'calls' | 'duplicates' | 'rejected', number>,
  file: Ingested,
): void {
  sum.files += 1
  if (file.error !== undefined) sum.failed += 1
  if (file.result === undefined) return
  sum.records += file.result.records
  sum.calls += file.result.calls
  sum.duplicates += file.result.duplicates
  sum.rejected += file.result.rejected.length
}

function markOf(result: NonNullable<Ingested['result']>, screen: Screen): string {
  if (result.rejected.length === 0) return paint(screen, 'green', '✓')
  return result.records === 0 ? paint(screen, 'red', '✗') : paint(screen, 'yellow', '!')
}

function describe(file: Ingested, kind: string, screen: Screen): string {
  if (file.error !== undefined) return `${paint(screen, 'red', '✗')} ${file.name}: ${file.error.message}\n`
  const result = file.result
  if (result === undefined) return `· ${file.name}\n`
  // Of CloudTrail the whole file is kept; of the other logs only envelopes of what was taken in.
  const kept = result.rejected.length === 0 || kind !== 'cloudtrail' ? '' : ' (the file is kept in the archive)'
  const again = result.already ? ', taken in before: nothing changed' : ''
  const lines = [
    `${markOf(result, screen)} ${file.name}: ${number(result.records)} records, ${number(result.calls)} calls, ${number(result.duplicates)} duplicates, ${number(result.rejected.length)} refused${kept}${again}`,
    ...rejectionLines(result.rejected),
  ]
  return `${lines.join('\n')}\n`
}

/** Neighbours that were refused for one reason share a line. */
function rejectionLines(rejected: readonly { readonly position: number; readonly code: string }[]): readonly string[] {
  const runs: { first: number; last: number; code: string }[] = []
  for (const { position, code } of rejected) {
    const run = runs.at(-1)
    if (run?.code === code && position === run.last + 1) run.last = position
    else runs.push({ first: position, last: position, code })
  }
  const shown = runs
    .slice(0, rejectionsShown)
    .map(({ first, last, code }) => `    ${first === last ? `record ${first}` : `records ${first}–${last}`}: ${code}`)
  const left = runs.length - shown.length
  return left === 0 ? shown : [...shown, `    … and ${number(left)} more (--json lists all)`]
}
