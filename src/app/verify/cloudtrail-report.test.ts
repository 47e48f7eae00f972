import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { digestFindingCodes, digestFindings } from '../../capture/access/digests/finding.ts'
import { cloudTrailReportSchema, reportOf } from './cloudtrail-report.ts'

const docs = join(import.meta.dirname, '../../../docs/operate')

test('the documented schema is the one of the report', () => {
  const documented: unknown = JSON.parse(readFileSync(join(docs, 'cloudtrail-digests.schema.json'), 'utf8'))
  expect(documented).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(cloudTrailReportSchema))))
})

test('the page says of every finding what it means and what to do', () => {
  const rows = readFileSync(join(docs, 'cloudtrail-digests.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, 4)
        .map((cell) => cell.trim()),
    )
  expect(rows).toEqual(
    digestFindingCodes.toSorted().map((code) => [`\`${code}\``, digestFindings[code].says, digestFindings[code].fix]),
  )
})

test('a report has its form, findings and notes with their words', () => {
  const finding = { code: 'log_missing', account: '1', region: 'r', hour: 0, file: 'f', detail: '' } as const
  const result = {
    base: '/copy/AWSLogs/1',
    account: '1',
    region: 'r',
    trails: ['t'],
    counts: { digests: 1, digestsSigned: 1, backfill: 0, logs: 1, logsValid: 0 },
    hours: [{ hour: 0, state: 'findings', digests: 1, logs: 1, findings: 1 } as const],
    findings: [finding],
    notes: [{ code: 'pending', file: 'f', count: 2 } as const],
    settledUntil: 3_600_000,
  }
  const tree = { source: '/copy', keys: 'archived', original: undefined, since: undefined, until: 7_200_000 } as const
  const report = cloudTrailReportSchema.parse(reportOf({ ...tree, results: [result] }))
  expect(report).toMatchObject({
    ok: false,
    until: '1970-01-01T02:00:00Z',
    findings: [{ code: 'log_missing', hour: '1970-01-01T00:00:00Z', says: digestFindings.log_missing.says }],
    regions: [{ settledUntil: '1970-01-01T01:00:00Z', notes: [{ code: 'pending', count: 2 }] }],
  })
  expect(report.notProven.join()).toContain('--original')
})
