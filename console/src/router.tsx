import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { NotFoundPage } from './shell/not-found-page.tsx'
import { Shell } from './shell/shell.tsx'
import { PageSkeleton } from './states/skeleton.tsx'
import { parseSearchText, type SearchWords, searchText } from './view/search-text.ts'

// An address keeps every word as it was typed, also one that cannot be understood: pages read them and name what they ignore.
const keepWords = (words: Record<string, unknown>): SearchWords => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(words)) if (typeof value === 'string') kept[name] = value
  return kept
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage })
const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: keepWords,
  component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
})
const calls = createRoute({
  getParentRoute: () => root,
  path: '/calls',
  validateSearch: keepWords,
  component: lazyRouteComponent(() => import('./calls/calls-page.tsx'), 'CallsPage'),
})
const call = createRoute({
  getParentRoute: () => root,
  path: '/calls/$key',
  validateSearch: keepWords,
  component: lazyRouteComponent(() => import('./call/call-page.tsx'), 'CallPage'),
})
const coverage = createRoute({
  getParentRoute: () => root,
  path: '/coverage',
  validateSearch: keepWords,
  component: lazyRouteComponent(() => import('./coverage/coverage-page.tsx'), 'CoveragePage'),
})
const sessions = createRoute({
  getParentRoute: () => root,
  path: '/sessions',
  validateSearch: keepWords,
  component: lazyRouteComponent(() => import('./sessions/sessions-page.tsx'), 'SessionsPage'),
})
const session = createRoute({
  getParentRoute: () => root,
  path: '/sessions/$session',
  validateSearch: keepWords,
  component: lazyRouteComponent(() => import('./sessions/session-page.tsx'), 'SessionPage'),
})

/** Every page of the console; each is loaded when it is opened. */
export const router = createRouter({
  routeTree: root.addChildren([overview, calls, call, sessions, session, coverage]),
  parseSearch: parseSearchText,
  stringifySearch: searchText,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: Number.POSITIVE_INFINITY,
  defaultPendingComponent: PageSkeleton,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
