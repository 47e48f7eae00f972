import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { applyScheme, chosenScheme, keepScheme, type Scheme, shownScheme } from './scheme.ts'

interface SchemeSetting {
  readonly scheme: Scheme
  /** What is shown now. */
  readonly shown: 'light' | 'dark'
  readonly choose: (scheme: Scheme) => void
}

const SchemeContext = createContext<SchemeSetting>({ scheme: 'auto', shown: 'light', choose: () => undefined })

/** Light or dark, as chosen or as the system says. */
export function SchemeProvider({ children }: { readonly children: ReactNode }) {
  const [scheme, setScheme] = useState(chosenScheme)
  const [shown, setShown] = useState(() => shownScheme(scheme))
  useEffect(() => {
    const show = () => {
      applyScheme(scheme)
      setShown(shownScheme(scheme))
    }
    show()
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', show)
    return () => system.removeEventListener('change', show)
  }, [scheme])
  const setting = useMemo(() => {
    const choose = (next: Scheme) => {
      keepScheme(next)
      setScheme(next)
    }
    return { scheme, shown, choose }
  }, [scheme, shown])
  return <SchemeContext value={setting}>{children}</SchemeContext>
}

/** The setting, and how to change it. */
export function useScheme(): SchemeSetting {
  return use(SchemeContext)
}
