import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { cloudTrailReportSchema } from '../src/app/verify/cloudtrail-report.ts'
import { digestFindingCodes, digestFindings } from '../src/capture/access/digests/finding.ts'

// Writes the schema of the report and the table of findings anew; the rest of the page is kept.

const schema = 'docs/operate/cloudtrail-digests.schema.json'
const page = 'docs/operate/cloudtrail-digests.md'
writeFileSync(schema, `${JSON.stringify(z.toJSONSchema(cloudTrailReportSchema), null, 2)}\n`)
const rows = digestFindingCodes
  .toSorted()
  .map((code) => `| \`${code}\` | ${digestFindings[code].says} | ${digestFindings[code].fix} |`)
const table = ['| code | what it says | what to do |', '| --- | --- | --- |', ...rows].join('\n')
const text = readFileSync(page, 'utf8')
writeFileSync(
  page,
  text.replace(/\| code \|[\s\S]*?\n\n/, () => `${table}\n\n`),
)
