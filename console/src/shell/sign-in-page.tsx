import { IconLock } from '@tabler/icons-react'
import { useEffect } from 'react'
import type { ApiProblem } from '../api/problem.ts'
import { Failed } from '../states/states.tsx'

/** What to do when nobody is signed in. */
export function SignInPage({ problem }: { readonly problem: ApiProblem | undefined }) {
  useEffect(() => {
    document.title = 'Sign in · Triptych'
  }, [])
  return (
    <main className="sign-in">
      <h1>
        <span className="brand-mark" aria-hidden="true" />
        Triptych
      </h1>
      <Refused problem={problem} />
      {problem?.code === 'SESSION_REQUIRED' ? null : (
        <p>You are not signed in. The console is opened by a link that works once, within ten minutes.</p>
      )}
      <ol>
        <li>
          When <code>npm start</code> or <code>triptych up</code> begins, it prints the link: open it in this browser.
        </li>
        <li>
          Later, <code>npx triptych console</code> prints another, in the directory of the data.
        </li>
      </ol>
      <p className="secondary">
        The link’s word is removed from the address at once and never reaches a log of the server.
      </p>
    </main>
  )
}

/** A link that opens nothing opens nothing the next time either: only what may pass is tried again. */
function Refused({ problem }: { readonly problem: ApiProblem | undefined }) {
  if (problem === undefined) return null
  if (problem.code !== 'SESSION_REQUIRED') return <Failed problem={problem} retry={() => location.reload()} />
  return (
    <div className="state" data-state="no-right" role="alert">
      <IconLock size={28} stroke={1.5} aria-hidden="true" />
      <h2>This link opens nothing any more</h2>
      <p>
        A link opens one session, once, within ten minutes; this one was used or is too old.{' '}
        <code>npx triptych console</code> prints another, in the directory of the data.
      </p>
    </div>
  )
}
