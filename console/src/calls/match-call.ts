import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import { type FilterName, type Filters, filterNames, nothing } from '../view/calls-view.ts'

type Fits = (call: CallAnswer, value: string) => boolean

const exact =
  (read: (call: CallAnswer) => string): Fits =>
  (call, value) =>
    read(call) === (value === nothing ? '' : value)
const whole = /[:.]/

// The server narrows by the same rules; here they only decide whether a call that comes in live belongs to the list.
const fits: Readonly<Record<FilterName, Fits>> = {
  verdict: exact(({ verdict }) => verdict),
  person: ({ alias, principalArn }, value) => {
    const who = alias === '' ? principalArn : alias
    if (value === nothing) return who === ''
    return value.length > 20 || value.includes(':') ? who === value : who.startsWith(value)
  },
  model: ({ model }, value) =>
    value === nothing ? model === '' : whole.test(value) ? model === value : model.includes(value),
  team: exact(({ team }) => team),
  project: exact(({ project }) => project),
  session: exact(({ session }) => session),
  operation: exact(({ operation }) => operation),
  account: exact(({ account }) => account),
  region: exact(({ region }) => region),
  finding: ({ findings }, value) => findings.some((finding) => finding === value || finding.split(':')[0] === value),
  q: ({ callId, awsRequestId }, value) => callId.startsWith(value) || awsRequestId.startsWith(value),
}

/** Whether a call belongs to a list with these filters. */
export function matchesCall(call: CallAnswer, filters: Filters): boolean {
  return filterNames.every((name) => {
    const values = filters[name]
    if (values === undefined) return true
    const fit = (value: string) => fits[name](call, value)
    return (values.is.length === 0 || values.is.some(fit)) && !values.not.some(fit)
  })
}
