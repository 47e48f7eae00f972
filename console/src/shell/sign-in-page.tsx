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
      {problem === undefined ? null : <Failed problem={problem} retry={() => location.reload()} />}
      <p>You are not signed in. The console is opened by a link that works once, within ten minutes.</p>
      <ol>
        <li>
          When <code>npm start</code> or <code>triptych up</code> begins, it prints the link: open it in this browser.
        </li>
        <li>
          Was it used already, or is it too old? <code>npx triptych console</code> prints another, in the directory of
          the data.
        </li>
      </ol>
      <p className="secondary">
        The link’s word is removed from the address at once and never reaches a log of the server.
      </p>
    </main>
  )
}
