import type { Page } from 'playwright-core'

/** Every page of the console, how to get there and when it is there. */
export const consolePages = [
  { name: 'overview', path: async () => '/', ready: (page: Page) => page.locator('.chart canvas').waitFor() },
  { name: 'calls', path: async () => '/calls', ready: rowsThere },
  {
    name: 'calls-peek',
    path: peekPath,
    ready: (page: Page) => page.getByRole('link', { name: 'Open the call', exact: true }).waitFor(),
  },
  {
    name: 'calls-no-match',
    path: async () => '/calls?team=nobody',
    ready: (page: Page) => page.getByText('0 calls fit all of these filters').waitFor(),
  },
  { name: 'call-bypass', path: (page: Page) => callPath(page, 'bypass'), ready: callThere },
  { name: 'call-corroborated', path: (page: Page) => callPath(page, 'corroborated'), ready: callThere },
  {
    name: 'sessions',
    path: async () => '/sessions',
    ready: async (page: Page) => {
      await page.locator('table.plain tbody tr').first().waitFor()
      // Whether the table has to scroll is known a moment later, and with it whether it takes the focus.
      await page.waitForTimeout(500)
    },
  },
  {
    name: 'session',
    path: sessionPath,
    ready: (page: Page) => page.locator('dl.pairs').waitFor(),
  },
  { name: 'coverage', path: async () => '/coverage', ready: (page: Page) => page.locator('.grid').waitFor() },
] as const

function rowsThere(page: Page) {
  return page.locator('table.calls tbody tr[aria-rowindex]').first().waitFor()
}

function callThere(page: Page) {
  return page.getByRole('heading', { name: 'Three witnesses' }).waitFor()
}

async function keyOf(page: Page, verdict: string): Promise<string> {
  const origin = new URL(page.url()).origin
  const answer = await page.request.get(`${origin}/api/v1/calls?verdict=${verdict}&until=20s&limit=1`)
  const { calls } = await answer.json()
  return String(calls[0].key)
}

async function callPath(page: Page, verdict: string): Promise<string> {
  return `/calls/${await keyOf(page, verdict)}`
}

async function peekPath(page: Page): Promise<string> {
  return `/calls?verdict=bypass,lost&peek=${await keyOf(page, 'bypass')}`
}

async function sessionPath(page: Page): Promise<string> {
  const origin = new URL(page.url()).origin
  const { sessions } = await (await page.request.get(`${origin}/api/v1/sessions`)).json()
  const { session, who } =
    sessions.find((one: { who: string; withContent: number }) => one.withContent > 1 && one.who !== '') ?? sessions[0]
  return `/sessions/${session}?who=${who}`
}
