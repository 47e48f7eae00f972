import { Outlet, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useWindowWords } from '../view/use-words.ts'
import { Header } from './header.tsx'
import { Navigation } from './navigation.tsx'
import { ShortcutHelp } from './shortcut-help.tsx'
import { passOn, useShortcuts } from './shortcuts.ts'

/** What stands around every page. */
export function Shell() {
  const navigate = useNavigate()
  const search = useWindowWords()
  const [help, setHelp] = useState(false)
  const actions = useMemo(
    () => ({
      'g o': () => void navigate({ to: '/', search }),
      'g c': () => void navigate({ to: '/calls', search }),
      'g s': () => void navigate({ to: '/sessions', search }),
      'g v': () => void navigate({ to: '/coverage', search }),
      '/': () => {
        passOn('/')
        void navigate({ to: '/calls', search })
      },
      '?': () => setHelp(true),
    }),
    [navigate, search],
  )
  useShortcuts(actions, 'everywhere')
  return (
    <div className="shell">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <Navigation />
      <Header showHelp={() => setHelp(true)} />
      <main id="page" tabIndex={-1}>
        <Outlet />
      </main>
      <ShortcutHelp opened={help} close={() => setHelp(false)} />
    </div>
  )
}
