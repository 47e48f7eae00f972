import { parseDocument } from 'yaml'

/** A YAML text as a value, or where and why it is none. Never throws: an alias to nothing shows only when the value is made. */
export function parseYaml(
  text: string,
):
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly reason: string } {
  const document = parseDocument(text, { uniqueKeys: true, stringKeys: true })
  const problem = document.errors[0]
  if (problem !== undefined) return { ok: false, line: problem.linePos?.[0].line ?? 0, reason: problem.code }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) }
  } catch {
    return { ok: false, line: 0, reason: 'BAD_ALIAS' }
  }
}
