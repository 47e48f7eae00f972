import type { IncomingHttpHeaders } from 'node:http'

/** AWS's error code from `x-amzn-errortype`, which may carry a namespace before `#` and an address behind `:`. */
export function awsErrorCode(headers: IncomingHttpHeaders): string {
  const value = headers['x-amzn-errortype']
  if (typeof value !== 'string') return ''
  const code = value.split(':')[0]?.split('#').at(-1) ?? ''
  return /^[A-Za-z0-9_.-]{1,96}$/.test(code) ? code : 'malformed'
}

/** AWS's request id, in its form; '' when there is none. */
export function awsRequestIdOf(headers: IncomingHttpHeaders): string {
  const value = headers['x-amzn-requestid']
  return typeof value === 'string' && /^[A-Za-z0-9-]{1,128}$/.test(value) ? value : ''
}
