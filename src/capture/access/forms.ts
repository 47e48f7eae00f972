import { type AccessForm, malformed } from '../../record/access-event.ts'

/** The value if it has the form ('' has every form), else `malformed`. */
export function inForm(text: string, form: AccessForm): string {
  const short = form.longest === undefined || text.length <= form.longest
  return short && form.pattern.test(text) ? text : malformed
}
