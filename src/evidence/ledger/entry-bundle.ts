// C2SP tlog-tiles: entries one behind the other, each after its length as a big-endian 16-bit number.

/** Frames entries of at most 65,535 bytes each. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((bytes, entry) => bytes + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    at = bundle.writeUInt16BE(entry.length, at)
    bundle.set(entry, at)
    at += entry.length
  }
  return bundle
}

/** The entries of a bundle; what is cut off or left over at its end is `rest` bytes. */
export function decodeBundle(bundle: Buffer): { readonly entries: readonly Buffer[]; readonly rest: number } {
  const entries: Buffer[] = []
  let at = 0
  while (at + 2 <= bundle.length) {
    const end = at + 2 + bundle.readUInt16BE(at)
    if (end > bundle.length) break
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  return { entries, rest: bundle.length - at }
}
