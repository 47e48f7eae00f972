import { type Ingested, ingestedSchema } from '../answers.ts'
import type { HubClient } from '../hub-client.ts'
import { number, paint, type Screen } from '../print.ts'

const rejectionsShown = 20

/** `triptych ingest cloudtrail|invocations <path or s3 url>…`: exit 1 when anything was refused. */
export async function ingestCommand(
  client: HubClient,
  kind: string,
  paths: readonly string[],
  json: boolean,
  screen: Screen,
): Promise<number> {
  const sum = { files: 0, failed: 0, records: 0, calls: 0, duplicates: 0, rejected: 0 }
  for (const path of paths) {
    for await (const line of client.post('/ingest', { kind, path })) {
      const file = ingestedSchema.parse(line)
      add(sum, file)
      screen.write(json ? `${JSON.stringify(file)}\n` : describe(file, screen))
    }
  }
  if (!json) {
    screen.write(
      `\n${number(sum.files)} files: ${number(sum.records)} records, of which ${number(sum.calls)} model calls and ${number(sum.duplicates)} duplicates; ${number(sum.rejected)} records and ${number(sum.failed)} files refused\n`,
    )
  }
  return sum.rejected + sum.failed === 0 ? 0 : 1
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

function describe(file: Ingested, screen: Screen): string {
  if (file.error !== undefined) return `${paint(screen, 'red', '✗')} ${file.name}: ${file.error.message}\n`
  const result = file.result
  if (result === undefined) return `· ${file.name}\n`
  const again = result.already ? ', taken in before: nothing changed' : ''
  const lines = [
    `${paint(screen, 'green', '✓')} ${file.name}: ${number(result.records)} records, ${number(result.calls)} calls, ${number(result.duplicates)} duplicates, ${number(result.rejected.length)} refused${again}`,
  ]
  for (const rejection of result.rejected.slice(0, rejectionsShown))
    lines.push(`    record ${rejection.position}: ${rejection.code}`)
  if (result.rejected.length > rejectionsShown)
    lines.push(`    … and ${number(result.rejected.length - rejectionsShown)} more (--json lists all)`)
  return `${lines.join('\n')}\n`
}
