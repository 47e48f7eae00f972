import type { Readable } from 'node:stream'
import { V1ProxyProtocol, V2ProxyProtocol } from 'proxy-protocol-js'

const v1Start = Buffer.from('PROXY ')
const v2Start = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
/** The longest header of version 1, with its line end; of version 2 head and length come first (haproxy's proxy-protocol.txt, §2). */
const longestV1 = 107
const headV2 = 16
const longestV2 = headV2 + 2048

/**
 * Takes the PROXY protocol header (versions 1 and 2) off a connection; what follows is given back to it. `taken` hears whether
 * there was one: a connection that does not begin with it has not come through the balancer.
 */
export function takeProxyHeader(socket: Readable, taken: (valid: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const look = () => {
    for (let chunk: unknown = socket.read(); Buffer.isBuffer(chunk); chunk = socket.read())
      seen = Buffer.concat([seen, chunk])
    const length = headerLength(seen)
    if (length === 'more') return
    socket.off('readable', look)
    const valid = length !== 'none' && isHeader(seen.subarray(0, length))
    if (valid && seen.length > length) socket.unshift(seen.subarray(length))
    taken(valid)
  }
  socket.on('readable', look)
}

function headerLength(seen: Buffer): number | 'more' | 'none' {
  if (startsAs(seen, v2Start)) {
    if (seen.length < headV2) return 'more'
    const length = headV2 + seen.readUInt16BE(14)
    if (length > longestV2) return 'none'
    return seen.length < length ? 'more' : length
  }
  if (!startsAs(seen, v1Start)) return 'none'
  const end = seen.indexOf('\r\n')
  if (end === -1) return seen.length >= longestV1 ? 'none' : 'more'
  return end + 2 <= longestV1 ? end + 2 : 'none'
}

/** Whether what was seen so far may be, or is, this beginning. */
function startsAs(seen: Buffer, start: Buffer): boolean {
  const known = Math.min(seen.length, start.length)
  return seen.subarray(0, known).equals(start.subarray(0, known))
}

function isHeader(bytes: Buffer): boolean {
  try {
    if (startsAs(bytes, v2Start)) V2ProxyProtocol.parse(bytes)
    else if (!/^PROXY UNKNOWN/.test(bytes.toString('latin1'))) V1ProxyProtocol.parse(bytes.toString('latin1'))
    return true
  } catch {
    return false
  }
}
