import { type AccessForm, accessForms, malformed } from '../../record/access-event.ts'

const compiled = new Map<string, RegExp>()
for (const { pattern } of Object.values(accessForms)) compiled.set(pattern, new RegExp(pattern))

/** The value if it has the form, '' if it is absent, else `malformed`. */
export function inForm(text: string, form: AccessForm): string {
  if (text === '') return ''
  const pattern = compiled.get(form.pattern) ?? new RegExp(form.pattern)
  return text.length <= form.longest && pattern.test(text) ? text : malformed
}
