import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { constants, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'

// What a response's connection does, whichever version of HTTP it speaks.

/** Has the client gone? An HTTP/2 response has no `destroyed` of its own; its stream has. */
export function isGone(response: ServerResponse): boolean {
  return http2StreamOf(response)?.destroyed ?? response.destroyed
}

/** Waits until the client goes. */
export async function untilGone(response: ServerResponse): Promise<void> {
  if (!isGone(response)) await once(response, 'close')
}

/** Breaks off: the client sees a reset, not an end. */
export function breakOff(response: ServerResponse): void {
  const stream = http2StreamOf(response)
  if (stream === undefined) response.destroy()
  else stream.close(constants.NGHTTP2_INTERNAL_ERROR)
}

/** The listener gives HTTP/2 responses out as those of HTTP/1.1. */
function http2StreamOf(response: unknown): ServerHttp2Stream | undefined {
  return response instanceof Http2ServerResponse ? response.stream : undefined
}
