import { IconLayoutDashboard, IconListDetails, IconMessages, IconTimeline } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { sessionQuery } from '../api/queries.ts'
import { apiUrl, sendJson } from '../api/request.ts'
import { TimeText } from '../time/zone.tsx'
import { useWindowWords } from '../view/use-words.ts'

const pages = [
  { to: '/', label: 'Overview', keys: 'g o', Icon: IconLayoutDashboard },
  { to: '/calls', label: 'Calls', keys: 'g c', Icon: IconListDetails },
  { to: '/sessions', label: 'Sessions', keys: 'g s', Icon: IconMessages },
  { to: '/coverage', label: 'Coverage', keys: 'g v', Icon: IconTimeline },
] as const

/** The pages, and who is signed in. Links keep the span of time. */
export function Navigation() {
  const search = useWindowWords()
  return (
    <nav className="navigation" aria-label="Pages">
      <div className="navigation-inner">
        <Link to="/" search={search} className="brand">
          <span className="brand-mark" aria-hidden="true" />
          Triptych
        </Link>
        <ul>
          {pages.map(({ to, label, keys, Icon }) => (
            <li key={to}>
              <Link
                to={to}
                search={search}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                title={`${label} (${keys})`}
              >
                <Icon size={18} stroke={1.7} aria-hidden="true" />
                {label}
              </Link>
            </li>
          ))}
        </ul>
        <SignedIn />
      </div>
    </nav>
  )
}

function SignedIn() {
  const { data } = useQuery(sessionQuery)
  const client = useQueryClient()
  if (data === undefined) return null
  const leave = async () => {
    await sendJson('DELETE', apiUrl('/session'))
    client.clear()
    location.assign('/')
  }
  return (
    <div className="signed-in">
      <p>
        <span className="mono">{data.id}</span>
      </p>
      <p>{data.roles.join(', ')}</p>
      <p>
        until <TimeText at={data.expiresAt} clock detail="minute" />
      </p>
      <button type="button" className="link-button" onClick={() => void leave()}>
        Sign out
      </button>
      <p>version {data.version}</p>
    </div>
  )
}
