import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { freePort } from '../fakes/free-port.ts'
import { eventually, type Program, runProgram, startProgram } from '../fakes/program.ts'

/** Debian's. Another one is named in TEST_CHROMIUM. */
const executablePath = process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** The built program on a simulated account, and a browser before it. */
export interface BrowserStand {
  readonly origin: string
  readonly browser: Browser
  /** A new one-time link to the console. */
  link(roles?: readonly string[]): Promise<string>
  close(): Promise<void>
}

/** Starts it and waits until yesterday is made and every verdict has been given. */
export async function openBrowserStand(dir: string): Promise<BrowserStand> {
  const hub = `127.0.0.1:${await freePort()}`
  const env = {
    TRIPTYCH_DATADIR: join(dir, 'data'),
    TRIPTYCH_GATEWAY__LISTEN: `127.0.0.1:${await freePort()}`,
    TRIPTYCH_HUB__LISTEN: hub,
  }
  const program: Program = startProgram(['up'], env)
  await eventually(
    async () => program.output(),
    (text) => /sign-in\?link=/.test(text),
    150_000,
  )
  // The first calls of the day wait for their window.
  await eventually(
    async () => (await runProgram(['calls', '--verdict', 'bypass', '--limit', '1', '--json'], env)).output,
    (text) => text.includes('bearer_key'),
    60_000,
  )
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  return {
    origin: `http://${hub}`,
    browser,
    async link(roles = []) {
      const chosen = roles.length === 0 ? [] : ['--roles', roles.join(',')]
      const { output } = await runProgram(['console', '--json', ...chosen], env)
      const found = /http:\/\/[^\s"]+#\/sign-in\?link=[A-Za-z0-9_-]{43}/.exec(output)?.[0]
      return found ?? `no link in: ${output}`
    },
    async close() {
      await browser.close()
      await program.interrupt()
    },
  }
}

/** What went wrong in a page that nobody looked for: messages of the console, exceptions, requests elsewhere. */
export function watchPage(page: Page, origin: string): string[] {
  const seen: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => seen.push(`exception: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) seen.push(`request elsewhere: ${request.url()}`)
  })
  return seen
}

/** A context that is signed in, and its first page. */
export async function signIn(
  stand: BrowserStand,
  options: Parameters<Browser['newContext']>[0] = {},
  roles: readonly string[] = [],
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await stand.browser.newContext({ timezoneId: 'Europe/Vienna', ...options })
  const page = await context.newPage()
  await page.goto(await stand.link(roles))
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  return { context, page }
}
