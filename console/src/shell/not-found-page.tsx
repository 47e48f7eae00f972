import { Link } from '@tanstack/react-router'
import { usePageTitle } from './page-title.ts'

/** An address that no page has. */
export function NotFoundPage() {
  usePageTitle('Not found')
  return (
    <div className="page">
      <h1>No such page</h1>
      <p>
        The console has <Link to="/">Overview</Link>, <Link to="/calls">Calls</Link> and{' '}
        <Link to="/coverage">Coverage</Link>.
      </p>
    </div>
  )
}
