/** Grey bars of the size of what comes; they appear only when it takes a moment. */
export function Skeleton({ rows = 3, label = 'loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars are alike and never change places
        <span key={i} className="skeleton-bar" />
      ))}
    </div>
  )
}

/** A whole page that is still to come. */
export function PageSkeleton() {
  return (
    <div className="page">
      <Skeleton rows={6} label="the page is loading" />
    </div>
  )
}
