import { readFileSync, writeFileSync } from 'node:fs'
import { errorTable } from '../src/platform/error-table.ts'

// Writes docs/errors.md anew from the table; what stands before the first code is kept.

const page = 'docs/errors.md'
const text = readFileSync(page, 'utf8')
const entries = Object.entries(errorTable)
  .toSorted(([one], [other]) => (one < other ? -1 : 1))
  .map(
    ([code, { says, fix, http, exit }]) =>
      `## ${code}\n\n${says}.\n\n- What to do: ${fix}.\n- HTTP ${http}, exit code ${exit}.\n`,
  )
writeFileSync(page, `${text.slice(0, text.indexOf('## '))}${entries.join('\n')}`)
