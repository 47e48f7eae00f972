import { crc32 } from 'node:zlib'

// AWS event-stream encoding (application/vnd.amazon.eventstream): big-endian, two CRC-32 per message.

const stringType = 7

/** One message with string headers. */
export function encodeMessage(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const encoded = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)))
  const total = 16 + encoded.length + payload.length
  const message = Buffer.alloc(total)
  message.writeUInt32BE(total, 0)
  message.writeUInt32BE(encoded.length, 4)
  message.writeUInt32BE(checksum(message.subarray(0, 8)), 8)
  encoded.copy(message, 12)
  payload.copy(message, 12 + encoded.length)
  message.writeUInt32BE(checksum(message.subarray(0, total - 4)), total - 4)
  return message
}

/** An event of a response stream. */
export function encodeEvent(type: string, payload: unknown): Buffer {
  return encodeMessage(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    Buffer.from(JSON.stringify(payload)),
  )
}

/** An exception in mid-stream: the HTTP status has long been 200. */
export function encodeException(type: string, message: string): Buffer {
  return encodeMessage(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    Buffer.from(JSON.stringify({ message })),
  )
}

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name)
  const valueBytes = Buffer.from(value)
  const header = Buffer.alloc(4 + nameBytes.length + valueBytes.length)
  header.writeUInt8(nameBytes.length, 0)
  nameBytes.copy(header, 1)
  header.writeUInt8(stringType, 1 + nameBytes.length)
  header.writeUInt16BE(valueBytes.length, 2 + nameBytes.length)
  valueBytes.copy(header, 4 + nameBytes.length)
  return header
}

function checksum(bytes: Buffer): number {
  return crc32(bytes)
}
