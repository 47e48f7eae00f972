import { labelPattern } from '../../record/principal.ts'

// Fields of a line from outside, each taken only in its form. Whatever has another form is as if it were not there.

/** The forms of texts that are kept. */
export const forms = {
  requestId: /^[A-Za-z0-9._:#/=+-]{1,200}$/,
  awsRequestId: /^[A-Za-z0-9-]{1,128}$/,
  code: /^[A-Za-z0-9_.:-]{1,96}$/,
  word: /^[A-Za-z0-9_.:/ -]{1,128}$/,
  label: labelPattern,
  model: /^[A-Za-z0-9:._/%-]{1,2048}$/,
  /** Goes into the vault alone. */
  name: /^/,
} as const

/** The own member of an object; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, key))
      return undefined
    found = Reflect.get(found, key)
  }
  return found
}

/** A text of this form; '' for anything else. */
export function text(value: unknown, form: RegExp): string {
  return typeof value === 'string' && form.test(value) ? value : ''
}

/** A whole number, also written as a text; undefined for anything else. */
export function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** Tokens that somebody counted: products write 0 where nobody did, and a call that was answered has some. */
export function counted(value: unknown): number | undefined {
  const number = count(value)
  return number === 0 ? undefined : number
}

/** Milliseconds, rounded; undefined for what no call lasts. */
export function milliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < 2 ** 32 ? Math.round(value) : undefined
}

/** An HTTP status. */
export function status(value: unknown): number | undefined {
  const number = count(value)
  return number !== undefined && number >= 100 && number <= 999 ? number : undefined
}

const earliest = Date.UTC(2000, 0)
const latest = Date.UTC(2200, 0)

/** A moment, ms: from a text that names its zone, or from a number of `unit` milliseconds. */
export function moment(value: unknown, unit: 1 | 1000): number | undefined {
  const found = typeof value === 'number' ? Math.round(value * unit) : typeof value === 'string' ? parsed(value) : NaN
  return found >= earliest && found < latest ? found : undefined
}

function parsed(value: string): number {
  return /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$/.test(value)
    ? Date.parse(value)
    : NaN
}

/** The AWS request id among headers, whatever prefix and case a product gives their names. */
export function awsRequestIdIn(headers: unknown): string {
  if (typeof headers !== 'object' || headers === null) return ''
  for (const name of Object.keys(headers)) {
    const plain = name
      .toLowerCase()
      .replaceAll('_', '-')
      .replace(/^llm-provider-/, '')
    if (plain !== 'x-amzn-requestid' && plain !== 'x-amzn-request-id') continue
    const found = text(at(headers, name), forms.awsRequestId)
    if (found !== '') return found
  }
  return ''
}

/** Why models stop, in the words of Anthropic, Bedrock and OpenAI: the only texts taken from an answer. */
const stopReasons: ReadonlySet<unknown> = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'guardrail_intervened',
  'content_filtered',
  'stop',
  'length',
  'tool_calls',
  'content_filter',
])

/** One of the known stop reasons, else ''. */
export function stopReason(value: unknown): string {
  return typeof value === 'string' && stopReasons.has(value) ? value : ''
}
