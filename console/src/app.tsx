import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Suspense, use } from 'react'
import { LiveProvider } from './api/live.tsx'
import { ApiProblem } from './api/problem.ts'
import { sessionQuery } from './api/queries.ts'
import { router } from './router.tsx'
import { SignInPage } from './shell/sign-in-page.tsx'
import { PageSkeleton } from './states/skeleton.tsx'
import { SchemeProvider, useScheme } from './theme/color-scheme.tsx'
import { theme } from './theme/mantine-theme.ts'
import { ZoneProvider } from './time/zone.tsx'

const mostTries = 2

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // What the server refuses will not be otherwise the next time; only silence is tried again.
      retry: (tried, cause) =>
        tried < mostTries && !(cause instanceof ApiProblem && cause.status >= 400 && cause.status < 500),
    },
  },
})

/** The console: nothing is shown to whoever is not signed in. */
export function App({ signedIn }: { readonly signedIn: Promise<ApiProblem | undefined> }) {
  return (
    <SchemeProvider>
      <Styled>
        <QueryClientProvider client={client}>
          <ZoneProvider>
            <Suspense fallback={<PageSkeleton />}>
              <Gate signedIn={signedIn} />
            </Suspense>
          </ZoneProvider>
        </QueryClientProvider>
      </Styled>
    </SchemeProvider>
  )
}

function Styled({ children }: { readonly children: React.ReactNode }) {
  const { shown } = useScheme()
  return (
    <MantineProvider theme={theme} forceColorScheme={shown} withCssVariables={false} withGlobalClasses={false}>
      {children}
    </MantineProvider>
  )
}

function Gate({ signedIn }: { readonly signedIn: Promise<ApiProblem | undefined> }) {
  const refused = use(signedIn)
  const session = useQuery(sessionQuery)
  if (session.isPending) return <PageSkeleton />
  if (session.data === undefined) return <SignInPage problem={refused ?? troubleOf(session.error)} />
  return (
    <LiveProvider>
      <RouterProvider router={router} />
    </LiveProvider>
  )
}

/** Nobody being signed in is no trouble: the page says what to do. */
function troubleOf(error: Error | null): ApiProblem | undefined {
  return error instanceof ApiProblem && error.code !== 'SESSION_REQUIRED' ? error : undefined
}
