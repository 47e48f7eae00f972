import { TriptychError } from '../../platform/triptych-error.ts'
import type { QueryOptions, QueryTag } from './engine.ts'

const surfacePattern = /^[a-z][a-z0-9.-]{0,63}$/
const identifierPattern = /^[a-z][a-z0-9_]{0,63}$/

/**
 * Settings of every read. Quoted 64-bit integers survive JSON.parse; every key of ours that is partitioned begins with
 * the partition's time, so FINAL need not compare partitions.
 */
const readSettings = {
  output_format_json_quote_64bit_integers: 1,
  date_time_output_format: 'iso',
  join_use_nulls: 1,
  do_not_merge_across_partitions_select_final: 1,
} as const

/**
 * Settings of every insert of rows. The engine's own deduplication stays off: it notes a block before the block is there, so what a
 * kill falls upon in between would be taken for known for ever after.
 */
export const insertSettings = {
  date_time_input_format: 'best_effort',
  input_format_skip_unknown_fields: 0,
  insert_deduplicate: 0,
} as const

const defaultSeconds = 30
const defaultMemoryBytes = 2_000_000_000

/** The settings of one read, bounds and tag among them. Throws QUERY_INVALID for a tag or bound out of form. */
export function querySettings(tag: QueryTag, options: QueryOptions = {}): Record<string, string | number> {
  if (!surfacePattern.test(tag.surface)) throw new TriptychError('QUERY_INVALID', { field: 'surface' })
  return {
    ...readSettings,
    log_comment: tag.surface,
    max_execution_time: positive('maxSeconds', options.maxSeconds ?? defaultSeconds),
    max_memory_usage: positive('maxMemoryBytes', options.maxMemoryBytes ?? defaultMemoryBytes),
  }
}

/** A SETTINGS clause; numbers and words of closed vocabularies only. */
export function settingsClause(settings: Readonly<Record<string, string | number>>): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name} = ${sqlLiteral(value)}`)
  return `SETTINGS ${parts.join(', ')}`
}

/** A literal for values that are ours (patterns, paths, tokens); a value from outside is bound instead. */
export function sqlLiteral(value: string | number): string {
  if (typeof value === 'number') return String(value)
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A table or column name; throws QUERY_INVALID for anything but a plain one. */
export function identifier(name: string): string {
  if (!identifierPattern.test(name)) throw new TriptychError('QUERY_INVALID', { field: 'identifier' })
  return name
}

function positive(field: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw new TriptychError('QUERY_INVALID', { field })
  return value
}
