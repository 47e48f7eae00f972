/** A path segment, decoded once (RFC 3986 §2.1); empty, which is no name of anything, where it is malformed. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}
