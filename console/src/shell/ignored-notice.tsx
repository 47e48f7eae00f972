/** Names what of an address could not be understood. */
export function IgnoredNotice({ ignored }: { readonly ignored: readonly string[] }) {
  if (ignored.length === 0) return null
  return (
    <p className="notice" role="status">
      ignored: {ignored.join(', ')}. The rest of the address holds.
    </p>
  )
}
