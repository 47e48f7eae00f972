import { TriptychError } from '../triptych-error.ts'
import type { Journal, Receipt } from './journal.ts'

/** Checks a body before it is written; returns what to write, or the names of what is wrong. */
export interface RecordForm {
  check(
    body: unknown,
  ): { readonly ok: true; readonly body: Record<string, unknown> } | { readonly ok: false; readonly fields: string }
}

/** Writes only records of known types in their form. */
export function createRecordWriter<T extends string>(journal: Journal, forms: Readonly<Record<T, RecordForm>>) {
  return async (type: T, body: unknown, when: 'now' | 'soon' = 'now'): Promise<Receipt> => {
    const checked = forms[type].check(body)
    if (!checked.ok) throw new TriptychError('JOURNAL_RECORD_REFUSED', { type, fields: checked.fields })
    return journal.append(type, checked.body, when)
  }
}
