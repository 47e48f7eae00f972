/** The columns a list of calls can have, in the order in which they stand. */
export const columnIds = [
  'time',
  'verdict',
  'witnesses',
  'who',
  'team',
  'project',
  'model',
  'operation',
  'tokens_in',
  'tokens_out',
  'duration',
  'result',
  'account',
  'region',
  'call_id',
  'aws_request_id',
] as const
/** One of them. */
export type ColumnId = (typeof columnIds)[number]

/** What is shown when nobody chose. */
export const defaultColumns: readonly ColumnId[] = [
  'time',
  'verdict',
  'witnesses',
  'who',
  'model',
  'tokens_in',
  'tokens_out',
]

/** True for the name of a column. */
export function isColumnId(text: string): text is ColumnId {
  return columnIds.some((id) => id === text)
}
