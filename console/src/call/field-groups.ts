import type { CallDetail, FieldRow } from '../../../src/app/api/schema/call-detail.ts'

/** What a group of fields is called. */
export const groupLabels: Readonly<Record<FieldRow['group'], string>> = {
  identity: 'Identity',
  model: 'Model',
  place: 'Place',
  time: 'Time',
  tokens: 'Tokens',
  outcome: 'Outcome',
  content: 'Content',
  proof: 'Proof',
}

/** Whether witnesses differ in a field. A record that is missing as a whole is one thing, said above the table, not one per field. */
export function differs({ cells, compared }: Pick<FieldRow, 'cells' | 'compared'>): boolean {
  return compared?.agree === false || Object.values(cells).some(({ state }) => state === 'differs')
}

/** Whether no witness says anything of a field, and none that should is missing. */
export function isSilent({ cells }: Pick<FieldRow, 'cells'>): boolean {
  return Object.values(cells).every(({ state }) => state === 'not_part' || state === 'none' || state === 'empty')
}

/** Fields by group, as they come. */
export function groupsOf(
  rows: readonly FieldRow[],
): readonly { readonly group: FieldRow['group']; readonly fields: readonly FieldRow[] }[] {
  const groups = new Map<FieldRow['group'], FieldRow[]>()
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row])
  return [...groups].map(([group, fields]) => ({ group, fields }))
}

/** What the verdict says differs, though the records that stand in the table agree: it lies in another record of the same call. */
export function differsElsewhere({ call, fields }: Pick<CallDetail, 'call' | 'fields'>): readonly string[] {
  const shown = new Set(fields.filter(({ compared }) => compared?.agree === false).map(({ field }) => field))
  const named = [
    ...call.compared.filter(({ agree }) => !agree).map(({ field }) => field),
    ...call.findings
      .filter((finding) => finding.startsWith('mismatch:'))
      .map((finding) => finding.slice('mismatch:'.length)),
  ]
  const rowsOf: Readonly<Record<string, readonly string[]>> = {
    person: ['who'],
    time: ['ended'],
    tokens: ['input', 'output', 'cache_read', 'cache_write'],
  }
  return [...new Set(named)].filter((name) => !(rowsOf[name] ?? [name]).some((field) => shown.has(field)))
}
