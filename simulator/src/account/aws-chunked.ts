// The aws-chunked content encoding of S3 uploads ("Signature calculations … transferring payload in multiple chunks").

/** The payload inside an aws-chunked body; trailers and chunk signatures are dropped, not checked. */
export function decodeAwsChunked(body: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  while (at < body.length) {
    const lineEnd = body.indexOf('\r\n', at)
    if (lineEnd < 0) break
    const sizeText = body.toString('latin1', at, lineEnd).split(';')[0] ?? ''
    const size = Number.parseInt(sizeText, 16)
    if (!Number.isFinite(size) || size === 0) break
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(parts)
}
