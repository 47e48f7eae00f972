/** A JSON object, or an empty one for anything else: CloudTrail writes null for what is absent. */
export function objectAt(value: unknown, name: string): Readonly<Record<string, unknown>> {
  return asObject(asObject(value)[name])
}

/** A value as text: '' for null and absent; numbers, booleans and structures as their JSON. */
export function textAt(value: unknown, name: string): string {
  const found = asObject(value)[name]
  if (found === undefined || found === null) return ''
  return typeof found === 'string' ? found : (JSON.stringify(found) ?? '')
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {}
}

/** True for a JSON object; arrays and null are none. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
