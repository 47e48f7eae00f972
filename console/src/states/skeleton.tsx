/** Grey bars of the size of what comes; they appear only when it takes a moment. */
export function Skeleton({ rows = 3, label = 'loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {[...Array(rows).keys()].map((bar) => (
        <span key={bar} className="skeleton-bar" />
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
