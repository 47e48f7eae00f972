import { createRoot } from 'react-dom/client'
import type { SessionAnswer } from '../../src/app/api/schema/session.ts'
import { ApiProblem } from './api/problem.ts'
import { apiUrl, sendJson } from './api/request.ts'
import { App } from './app.tsx'
import { listenForShortcuts } from './shell/shortcuts.ts'
import { readStartAddress } from './shell/sign-in-link.ts'
import { applyScheme, chosenScheme } from './theme/scheme.ts'
import './styles.ts'

/** Signs in with the link that the address holds, before anything else may see the address. */
async function signIn(): Promise<ApiProblem | undefined> {
  const { link, goTo } = readStartAddress(location.hash)
  if (goTo !== undefined) history.replaceState(null, '', goTo)
  if (link === undefined) return undefined
  try {
    await sendJson<SessionAnswer>('POST', apiUrl('/session'), { link })
    return undefined
  } catch (cause) {
    if (cause instanceof ApiProblem) return cause
    throw cause
  }
}

// Opened in a tab that shows the console already, the link changes the fragment only.
window.addEventListener('hashchange', () => {
  if (readStartAddress(location.hash).goTo !== undefined) location.reload()
})

listenForShortcuts()
applyScheme(chosenScheme())
const place = document.getElementById('console')
if (place !== null) createRoot(place).render(<App signedIn={signIn()} />)
