import type { IncomingHttpHeaders } from 'node:http'

/** Hop-by-hop headers (RFC 9110 §7.6.1) and what this server sets itself. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'date',
])

/** What a client may send on to Bedrock: an allow-list, so that no credential and no cookie passes. */
const forwarded =
  /^(content-type|accept|anthropic-beta|anthropic-version|x-amzn-bedrock-(accept|content-type|trace|guardrailidentifier|guardrailversion|performanceconfig-latency|service-tier|request-metadata))$/

/** The client's headers that go upstream. */
export function requestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (typeof value === 'string' && forwarded.test(name)) kept[name] = value
  return kept
}

/** AWS's headers that go to the client, `x-amzn-requestid` among them, and our own `request-id`. */
export function answerHeaders(headers: IncomingHttpHeaders, call: string): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !hopByHop.has(name)) kept[name] = value
  kept['request-id'] = call
  return kept
}
